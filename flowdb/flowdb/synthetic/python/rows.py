"""The rows of a day as the binary format of COPY."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from flowdb.synthetic.draws import Ints
from flowdb.synthetic.network import Network
from flowdb.synthetic.python import binary
from flowdb.synthetic.python.amounts import amounts
from flowdb.synthetic.python.behaviour import MICROSECONDS, Day, Rows
from flowdb.synthetic.python.binary import HEADER, TRAILER, Field, Layout
from flowdb.synthetic.python.people import People

BLOCK = 20_000
_EVENT_ID_WORDS = 2
_CALLED = ("calls", "sms")


def layout(cdr_type: str, location_width: int) -> Layout:
    """Return the columns of a type of event in the order of its table."""
    if cdr_type in _CALLED:
        own = [binary.numeric("duration")] if cdr_type == "calls" else []
        first: list[Field] = [binary.boolean("outgoing"), binary.timestamp("datetime"), *own]
        first.append(binary.null("network"))
        parties = [binary.text("msisdn", 64), binary.text("msisdn_counterpart", 64)]
    else:
        first = [binary.timestamp("datetime"), *_AMOUNTS[cdr_type]]
        parties = [binary.text("msisdn", 64)]
    return Layout(
        [
            binary.text("id", 16 * _EVENT_ID_WORDS),
            *first,
            *parties,
            binary.text("location_id", location_width),
            binary.text("imsi", 64),
            binary.text("imei", 64),
            binary.numeric("tac"),
            binary.null("operator_code"),
            binary.null("country_code"),
        ]
    )


_AMOUNTS: dict[str, list[Field]] = {
    "mds": [
        binary.hundredths(name) for name in ("duration", "volume_total", "volume_upload", "volume_download")
    ],
    "topups": [
        binary.null("type"),
        *(
            binary.hundredths(name)
            for name in (
                *("recharge_amount", "airtime_fee", "tax_and_fee"),
                *("pre_event_balance", "post_event_balance"),
            )
        ),
    ],
}


def columns(rows: Rows, day: Day, people: People, network: Network, cdr_type: str) -> dict[str, NDArray]:
    """Return what the columns of some rows hold."""
    texts: dict[str, NDArray[np.generic]] = {
        "id": day.draws.texts("id", rows.event, _EVENT_ID_WORDS),
        "msisdn": people.msisdn[rows.subscriber],
        "location_id": network.cell_ids[rows.cell],
        "imsi": people.imsi[rows.subscriber],
        "imei": people.imei[rows.phone],
    }
    if cdr_type in _CALLED:
        texts |= {"msisdn_counterpart": people.msisdn[rows.counterpart], "outgoing": rows.outgoing}
    time: Ints = day.start + rows.second * MICROSECONDS
    return {
        **texts,
        **amounts(cdr_type, rows.event, day.draws),
        "datetime": time,
        "tac": people.tac[rows.phone],
    }


def encoded(day: Day, people: People, network: Network, cdr_type: str, block: int = BLOCK) -> Iterator[bytes]:
    """Yield the rows of a day, sorted, in the binary format of COPY, block by block."""
    table = layout(cdr_type, network.cell_ids.dtype.itemsize)
    yield HEADER
    for rows in day.sorted_blocks(block):
        yield table.encode(columns(rows, day, people, network, cdr_type))
    yield TRAILER
