"""How much mobile money moved in each place per day."""

import datetime as dt
from typing import Any, Literal, get_args

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import check_window, parse_date, standardise_date
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.facts import Facts
from flowmachine.features.utilities import fields

Metric = Literal["amount", "discount", "fee", "commission"]
METRICS: tuple[str, ...] = get_args(Metric)
UNITS = tuple(f"admin{level}" for level in range(4))


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class DFSTotalMetricAmount(Aggregate):
    """Sum of a metric over the transactions of each region and day.

    A transaction counts where each of its two parties was, so twice if both were in one region. A
    party was in the region that contains the version of the cell that the transaction names.

    Parameters
    ----------
    metric : {"amount", "discount", "fee", "commission"}
    start_date, end_date : str, date or datetime
        From the first to the day after the second; a day given as date counts whole.
    aggregation_unit : {"admin0", "admin1", "admin2", "admin3"}

    Notes
    -----
    Columns: ``date`` (date, in UTC), ``pcod`` (text), ``value`` (numeric, in the currency of the
    transactions). The contributors of a row are the different parties there.

    Raises
    ------
    ValueError
        For another metric or unit; when planned, if the end is before the start.
    """

    metric: str = attrs.field(validator=attrs.validators.in_(METRICS))
    start_date: str = fields.date_field()
    end_date: str = fields.date_field()
    aggregation_unit: str = attrs.field(validator=attrs.validators.in_(UNITS))
    reads_events = True

    @property
    def _stop(self) -> str:
        return standardise_date(parse_date(self.end_date) + dt.timedelta(days=1))

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of regions."""
        return (f"geography.{self.aggregation_unit}",)

    def check(self, facts: Facts) -> None:
        """Refuse dates that run backwards, and regions that are not there."""
        check_window(self.start_date, self._stop)
        facts.require_columns(*self.tables, f"{self.aggregation_unit}pcod", "geom")

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Add up by day, party and cell, then place the cells and add up by region."""
        transactions = sql.qualified_table(
            "dfs.transactions",
            sa.column("id"),
            sa.column("timestamp", sa.TIMESTAMP(timezone=True)),
            sa.column(self.metric, sa.Numeric),
        )
        parties = sql.qualified_table(
            "dfs.transactions_metadata",
            *map(sa.column, ("transaction_id", "subscriber_id", "cell_id", "cell_version")),
        )
        day = sa.cast(sql.utc(transactions.c.timestamp), sa.Date)
        party = (day, parties.c.subscriber_id, parties.c.cell_id, parties.c.cell_version)
        start, stop = (sql.instant(parse_date(end)) for end in (self.start_date, self._stop))
        amounts = (
            sa.select(day.label("date"), *party[1:], sa.func.sum(transactions.c[self.metric]).label("amount"))
            .join_from(transactions, parties, parties.c.transaction_id == transactions.c.id)
            .where(transactions.c.timestamp >= start, transactions.c.timestamp < stop)
            .group_by(*party)
            .subquery("amounts")
        )
        regions = self._cells_by_region()
        same = (amounts.c.cell_id == regions.c.id) & (amounts.c.cell_version == regions.c.version)
        return (
            sa.select(
                amounts.c.date,
                regions.c.pcod,
                sa.func.sum(amounts.c.amount).label("value"),
                sa.func.count(sa.distinct(amounts.c.subscriber_id)).label(CONTRIBUTORS),
            )
            .select_from(amounts.join(regions, same))
            .group_by(amounts.c.date, regions.c.pcod)
        )

    def _cells_by_region(self) -> sa.Subquery:
        cells = sql.qualified_table(
            "infrastructure.cells",
            sa.column("id"),
            sa.column("version"),
            sa.column("geom_point", sql.Geometry()),
        )
        pcod: sa.ColumnClause[Any] = sa.column(f"{self.aggregation_unit}pcod", sa.Text)
        areas = sql.qualified_table(self.tables[0], pcod, sa.column("geom", sql.Geometry()))
        inside = sql.within(cells.c.geom_point, areas.c.geom)
        return (
            sa.select(cells.c.id, cells.c.version, areas.c[pcod.name].label("pcod"))
            .join_from(cells, areas, inside)
            .subquery("regions")
        )
