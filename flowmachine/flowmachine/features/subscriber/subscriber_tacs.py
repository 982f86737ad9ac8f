"""TACs and handsets of subscribers, by the path that notebooks import them from."""

from flowmachine.features.subscriber.handset import (
    SubscriberHandset,
    SubscriberHandsetCharacteristic,
    SubscriberHandsets,
)
from flowmachine.features.subscriber.tac import SubscriberTAC, SubscriberTACs

__all__ = [
    "SubscriberHandset",
    "SubscriberHandsetCharacteristic",
    "SubscriberHandsets",
    "SubscriberTAC",
    "SubscriberTACs",
]
