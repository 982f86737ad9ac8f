"""Disclosure control: what may leave FlowMachine.

An aggregate says, beside its own columns, how many subscribers contribute to each of its rows. One
operator, applied last to everything that is exposed, releases only the rows to which more than a
threshold of subscribers contribute. The count is over the population that the aggregate really
read, because it is made by the same select.
"""

from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import Select
from sqlalchemy.sql import visitors

from flowmachine.core.compilation import Compilation, outline
from flowmachine.core.declaration import walk
from flowmachine.core.errors import DisclosureError
from flowmachine.core.query import Query
from flowmachine.core.release import CONTRIBUTORS as CONTRIBUTORS
from flowmachine.core.release import EachRow, ReleaseRule

THRESHOLD_FLOOR = 15
"""A group of this many subscribers, or fewer, is never released."""


class Aggregate(Query):
    """Base of queries whose rows describe groups of subscribers."""

    @property
    def release_rule(self) -> ReleaseRule:
        """Which rows are released; each that has enough contributors, unless a class must be stricter."""
        return EachRow()

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Return the select with a last column ``contributors``: distinct subscribers behind each row."""
        raise NotImplementedError(f"{type(self).__name__} must implement select_with_contributors().")

    def select(self, using: Compilation) -> Select[Any]:
        """Return the aggregate itself, without the number of contributors."""
        full = self.select_with_contributors(using)
        return full.with_only_columns(*(c for c in full.selected_columns if c.name != CONTRIBUTORS))

    def select_released(self, using: Compilation, threshold: int) -> Select[Any]:
        """Return what may be released of the aggregate: the rows that its rule leaves."""
        return self.release_rule.release(self.select_with_contributors(using).subquery("groups"), threshold)


def _at_least_the_floor(_: Any, __: Any, threshold: int) -> None:
    if threshold < THRESHOLD_FLOOR:
        raise DisclosureError(f"The redaction threshold must be at least {THRESHOLD_FLOOR}, not {threshold}.")


@attrs.frozen(eq=False, slots=False, repr=False)
class Redacted(Query):
    """The rows of an aggregate to which more than ``threshold`` subscribers contribute.

    Parameters
    ----------
    target : Aggregate
    threshold : int, default 15
        Groups of this size or smaller are dropped; never below 15. Part of the query's identity, so
        that results made under a lower threshold are not served after it was raised.
    """

    target: Aggregate = attrs.field(validator=attrs.validators.instance_of(Aggregate))
    threshold: int = attrs.field(default=THRESHOLD_FLOOR, validator=_at_least_the_floor)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the columns of the target, without the rows of small groups."""
        return self.target.select_released(using, self.threshold)

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """The columns that the target is indexed on."""
        return self.target.index_columns

    @property
    def spatial_unit(self) -> Any:
        """The spatial unit of the target, if it has one."""
        return getattr(self.target, "spatial_unit", None)

    @property
    def out_label_columns(self) -> tuple[str, ...]:
        """The columns of the target by which the rows of a place are told apart."""
        return tuple(getattr(self.target, "out_label_columns", ()))


class NamedRedacted(Redacted):
    """Base of other names of :class:`Redacted`, one per class of target; their identity is its own.

    What the server makes with :func:`disclose` and what users make by such a name is one query.
    """

    stands_for = Redacted
    target_class: ClassVar[type[Aggregate]] = Aggregate

    def __init__(self, target: Any, threshold: int = THRESHOLD_FLOOR) -> None:
        if not isinstance(target, self.target_class):
            raise TypeError(
                f"{type(self).__name__} takes a {self.target_class.__name__}, not a {type(target).__name__}."
            )
        super().__init__(target, threshold)


INDIVIDUAL_SCHEMAS = frozenset({"dfs", "events", "interactions"})
"""Whose tables have rows about single subscribers."""


def _selects_individuals(query: Query) -> bool:
    """Tell whether a query's own select reads a table about single subscribers, whatever its class says."""
    return any(
        isinstance(element, sa.TableClause) and getattr(element, "schema", None) in INDIVIDUAL_SCHEMAS
        for element in visitors.iterate(outline(query))
    )


def _reads_events(query: Query) -> bool:
    return any(node.reads_events or _selects_individuals(node) for node in walk(query))


def disclose(query: Query, threshold: int) -> Query:
    """Return what may be published of a query.

    Raises
    ------
    DisclosureError
        If the query reads events but is not an aggregate over subscribers.
    """
    if isinstance(query, Aggregate):
        return Redacted(target=query, threshold=threshold)
    if _reads_events(query):
        raise DisclosureError(f"{type(query).__name__} holds data about individuals and cannot be exposed.")
    return query
