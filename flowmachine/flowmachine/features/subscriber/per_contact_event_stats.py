"""How the events of each subscriber are spread over contacts."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields


@attrs.frozen(eq=False, slots=False, repr=False)
class PerContactEventStats(SubscriberFeature):
    """Statistic of how many events each subscriber had per contact.

    Parameters
    ----------
    contact_balance : Query
        With the columns ``subscriber`` and ``events``, such as a
        :class:`~flowmachine.features.subscriber.contact_balance.ContactBalance`.
    statistic : Statistic or str, default avg

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (events per contact, of the statistic's type).

    Raises
    ------
    ValueError
        For an unknown statistic, or a query without these columns.
    """

    contact_balance: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    statistic: Statistic = fields.statistic_field(Statistic.AVG)

    def __attrs_post_init__(self) -> None:
        require_columns(self.contact_balance, "subscriber", "events")

    def select(self, using: Compilation) -> Select[Any]:
        """Take the statistic of the sizes of contacts."""
        contacts = using(self.contact_balance)
        return sa.select(contacts.c.subscriber, self.statistic.of(contacts.c.events).label("value")).group_by(
            contacts.c.subscriber
        )
