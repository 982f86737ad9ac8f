"""Tables of FlowDB for statements of one's own."""

from sqlalchemy import Boolean, DateTime, Numeric, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

__all__ = ["EventsCallsTable"]


class _Base(DeclarativeBase):
    """The tables of this module."""


class EventsCallsTable(_Base):
    """The calls, ``events.calls``. The table itself is ``EventsCallsTable.__table__``."""

    __tablename__ = "calls"
    __table_args__ = {"schema": "events"}  # noqa: RUF012 - read by SQLAlchemy as it is

    id = mapped_column(Text, primary_key=True)
    outgoing = mapped_column(Boolean)
    datetime = mapped_column(DateTime(timezone=True), nullable=False)
    duration = mapped_column(Numeric)
    network = mapped_column(Text)
    msisdn = mapped_column(Text, nullable=False)
    msisdn_counterpart = mapped_column(Text)
    location_id = mapped_column(Text)
    imsi = mapped_column(Text)
    imei = mapped_column(Text)
    tac = mapped_column(Numeric(8))
    operator_code = mapped_column(Numeric)
    country_code = mapped_column(Numeric)
