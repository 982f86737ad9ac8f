"""The kind ``handset``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields, WindowFields
from flowmachine.api.sampling import SamplingField
from flowmachine.core.query import Query
from flowmachine.features.subscriber import handset


class Handset(SamplingField, EventFields, WindowFields, QuerySpec):
    """What kind of handset each subscriber used."""

    query_kind: Literal["handset"]
    characteristic: Literal["hnd_type", "brand", "model", "software_os_name", "software_os_vendor"]
    method: Literal["last", "most-common"]

    def build(self) -> Query:
        """Return the characteristic of each subscriber's handset."""
        return self.sampled(
            handset.SubscriberHandsetCharacteristic(
                self.start_date,
                self.end_date,
                self.characteristic,
                method=self.method,
                **self.event_parameters(),
            )
        )
