"""The kind ``topup_balance``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.sampling import SamplingField
from flowmachine.api.topups import TopUpFields
from flowmachine.core.query import Query
from flowmachine.features.subscriber import topup_balance


class TopUpBalance(SamplingField, TopUpFields, QuerySpec):
    """How much credit each subscriber had."""

    query_kind: Literal["topup_balance"]

    def build(self) -> Query:
        """Return the balances."""
        return self.sampled(topup_balance.TopUpBalance(**self.topup_parameters()))
