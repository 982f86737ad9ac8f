"""The columns of each type of event, as expressions over the sorted rows and the lists of a day."""

from datetime import UTC, date, datetime

from psycopg2 import sql

from flowdb.synthetic.day import TWO_PARTIES
from flowdb.synthetic.sql.draws import seed

_IDENTIFIER = "encode(substring({list} FROM 32 * {number} - 31 FOR 32), 'hex')"
Columns = dict[str, sql.Composable]


def columns_of(cdr_type: str, day: date, events_seed: int) -> Columns:
    """Return the expression of each column that is not null.

    Parameters
    ----------
    cdr_type, day
        Whose columns.
    events_seed
        What all draws depend on, beside the day and the type.
    """
    two = cdr_type in TWO_PARTIES
    event = sql.SQL("row / 2" if two else "row")

    def seeded(purpose: str) -> sql.Literal:
        return sql.Literal(seed(events_seed, day, cdr_type, purpose))

    def hashed(purpose: str) -> sql.Composed:
        return sql.SQL("flowdb_synthetic.hashed({}, {})").format(event, seeded(purpose))

    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    columns: Columns = {
        "id": _id(event, seeded("id"), seeded("more id")),
        "datetime": sql.SQL("to_timestamp({} + (place_in_order & 131071))").format(
            sql.Literal(int(midnight.timestamp()))
        ),
        "msisdn": _identifier("msisdns", "subscriber"),
        "location_id": sql.SQL("location_ids[cell]"),
        "imsi": _identifier("imsis", "subscriber"),
        "imei": _identifier("imeis", "subscriber"),
        "tac": sql.SQL("tacs[subscriber]"),
    }
    if two:
        columns["outgoing"] = sql.SQL("row % 2 = 0")
        columns["msisdn_counterpart"] = _identifier("msisdns", "counterpart")
    if cdr_type in ("calls", "mds"):
        columns["duration"] = _picked("durations", "upper_draw", hashed("amount"))
    if cdr_type == "mds":
        up = _picked("uploads", "lower_draw", hashed("amount"))
        down = _picked("downloads", "lower_draw", hashed("more amount"))
        columns["volume_upload"] = up
        columns["volume_download"] = down
        columns["volume_total"] = sql.SQL("{} + {}").format(up, down)
    if cdr_type == "topups":
        columns |= _topup(hashed("amount"))
    return columns


def _id(event: sql.Composable, first: sql.Literal, second: sql.Literal) -> sql.Composed:
    """Return two plain hashes of 64 bits: no two events share them, whatever their day."""
    half = sql.SQL("int8send(hashint8extended({}, {}))")
    return sql.SQL("encode({} || {}, 'hex')").format(half.format(event, first), half.format(event, second))


def _identifier(of: str, number: str) -> sql.Composed:
    return sql.SQL(_IDENTIFIER).format(list=sql.Identifier(of), number=sql.Identifier(number))


def _picked(of: str, draw: str, hashed: sql.Composed) -> sql.Composed:
    """Return an even pick from a list."""
    return sql.SQL("{list}[1 + {draw}({hash}, cardinality({list}))]").format(
        list=sql.Identifier(of), draw=sql.Identifier("flowdb_synthetic", draw), hash=hashed
    )


def _topup(hashed: sql.Composed) -> Columns:
    recharge = sql.SQL("(1 + flowdb_synthetic.upper_draw({}, 10))").format(hashed)
    before = sql.SQL("flowdb_synthetic.lower_draw({}, 59001) * 0.01").format(hashed)
    return {
        "recharge_amount": recharge,
        "airtime_fee": sql.SQL("0.5"),
        "tax_and_fee": sql.SQL("0.1 * ({} + 0.5)").format(recharge),
        "pre_event_balance": before,
        "post_event_balance": sql.SQL("{} + {}").format(before, recharge),
    }
