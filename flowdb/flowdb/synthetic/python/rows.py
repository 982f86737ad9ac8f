"""The rows of a day as the binary format of COPY."""

from collections.abc import Iterator

from flowdb.synthetic.network import Network
from flowdb.synthetic.python import binary
from flowdb.synthetic.python.behaviour import Rows
from flowdb.synthetic.python.binary import HEADER, TRAILER, Layout
from flowdb.synthetic.python.people import People

_BLOCK = 20_000


def layout(cdr_type: str, location_width: int) -> Layout:
    """Return the columns of a type of event in the order of its table."""
    duration = [binary.numeric("duration")] if cdr_type == "calls" else []
    return Layout(
        [
            binary.text("id", 32),
            binary.boolean("outgoing"),
            binary.timestamp("datetime"),
            *duration,
            binary.null("network"),
            binary.text("msisdn", 64),
            binary.text("msisdn_counterpart", 64),
            binary.text("location_id", location_width),
            binary.text("imsi", 64),
            binary.text("imei", 64),
            binary.numeric("tac"),
            binary.null("operator_code"),
            binary.null("country_code"),
        ]
    )


def encoded(rows: Rows, people: People, network: Network, cdr_type: str) -> Iterator[bytes]:
    """Yield the rows in the binary format of COPY, block by block."""
    table = layout(cdr_type, network.cell_ids.dtype.itemsize)
    yield HEADER
    for start in range(0, len(rows.subscriber), _BLOCK):
        part = slice(start, start + _BLOCK)
        who = rows.subscriber[part]
        yield table.encode(
            {
                "id": rows.event_ids[rows.event[part]],
                "outgoing": rows.outgoing[part],
                "datetime": rows.time[part],
                "duration": rows.duration[part],
                "msisdn": people.msisdn[who],
                "msisdn_counterpart": people.msisdn[rows.counterpart[part]],
                "location_id": network.cell_ids[rows.cell[part]],
                "imsi": people.imsi[who],
                "imei": people.imei[who],
                "tac": people.tac[who],
            }
        )
    yield TRAILER
