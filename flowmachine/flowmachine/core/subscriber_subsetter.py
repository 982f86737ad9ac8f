"""Subsets of subscribers as objects, for code that restricts selects of its own."""

from typing import Any

import attrs
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.subset import SubscriberSubset, restrict, subscriber_subset


@attrs.frozen
class SubscriberSubsetter:
    """A subset of subscribers.

    Parameters
    ----------
    subset : None, tuple of str, or Query
        Normalised, as :func:`flowmachine.core.subset.subscriber_subset` returns it.
    """

    subset: SubscriberSubset

    @property
    def is_proper_subset(self) -> bool:
        """Whether anybody may be left out."""
        return self.subset is not None

    def restrict(self, subscriber: ColumnElement[Any], using: Compilation) -> list[ColumnElement[bool]]:
        """Return the conditions that keep the subset's rows; nobody is repeated by them."""
        return restrict(self.subset, subscriber, using)

    def apply_subset_if_needed(
        self, select: Select[Any], using: Compilation, *, subscriber_identifier: str = "msisdn"
    ) -> Select[Any]:
        """Return a select with the subset's rows alone.

        Parameters
        ----------
        select : sqlalchemy.Select
            Whose first table has the column ``subscriber_identifier``.
        """
        table: FromClause = select.get_final_froms()[0]
        return select.where(*self.restrict(table.c[subscriber_identifier], using))


class SubscriberSubsetterForAllSubscribers(SubscriberSubsetter):
    """Everybody."""


class SubscriberSubsetterForExplicitSubset(SubscriberSubsetter):
    """The subscribers of a list."""


class SubscriberSubsetterForFlowmachineQuery(SubscriberSubsetter):
    """The subscribers of a query."""


def make_subscriber_subsetter(subset: Any) -> SubscriberSubsetter:
    """Return what restricts selects to a subset of subscribers.

    Parameters
    ----------
    subset : None, "all", str, iterable of str, Query, or subsetter

    Raises
    ------
    ValueError
        For anything else; for a query without a column ``subscriber``.
    """
    normalised = subscriber_subset(subset)
    if normalised is None:
        return SubscriberSubsetterForAllSubscribers(None)
    if isinstance(normalised, Query):
        return SubscriberSubsetterForFlowmachineQuery(normalised)
    return SubscriberSubsetterForExplicitSubset(normalised)
