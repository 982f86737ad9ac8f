"""The kind ``topup_amount``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.sampling import SamplingField
from flowmachine.api.topups import TopUpFields
from flowmachine.core.query import Query
from flowmachine.features.subscriber import topup_amount


class TopUpAmount(SamplingField, TopUpFields, QuerySpec):
    """How much each subscriber topped up."""

    query_kind: Literal["topup_amount"]

    def build(self) -> Query:
        """Return the amounts."""
        return self.sampled(topup_amount.TopUpAmount(**self.topup_parameters()))
