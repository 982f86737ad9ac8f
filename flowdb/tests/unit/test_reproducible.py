"""The same rows on every machine, without a database; see the functional test test_generate_reproducible."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from pinned import DIGEST, PARAMETERS, digest

from flowdb.geography.nepal import bundled_levels
from flowdb.synthetic.infrastructure import network_rows, tac_rows
from flowdb.synthetic.network import network_of
from flowdb.synthetic.parameters import CDR_TYPES
from flowdb.synthetic.python.behaviour import Day
from flowdb.synthetic.python.people import populate
from flowdb.synthetic.python.rows import columns

SHOWN = {
    "calls": ("duration",),
    "sms": (),
    "mds": ("duration", "volume_total", "volume_upload", "volume_download"),
    "topups": ("recharge_amount", "airtime_fee", "tax_and_fee", "pre_event_balance", "post_event_balance"),
}


def shown(values: dict[str, np.ndarray], cdr_type: str, day: Day) -> Iterator[str]:
    two = cdr_type in ("calls", "sms")
    for number in range(len(values["id"])):
        row = {name: column[number] for name, column in values.items()}
        amounts = [int(row[name]) * (1 if cdr_type == "calls" else 10) for name in SHOWN[cdr_type]]
        texts = [row["id"], row["msisdn"], row.get("msisdn_counterpart", b""), row["location_id"]]
        fields = [
            *(cdr_type, *(text.decode() for text in texts), row["imsi"].decode(), row["imei"].decode()),
            *(int(row["tac"]), int(row["datetime"] - day.start) // 1_000_000, day.start),
            *(("true" if row["outgoing"] else "false") if two else "", *amounts),
        ]
        yield "|".join(map(str, fields))


def lines() -> Iterator[str]:
    regions = bundled_levels()[3].geometry.to_numpy()
    sites, cells = network_rows(regions, PARAMETERS)
    yield from (f"site|{'|'.join(map(str, (*row[:2], *row[6:8], *map(micro, row[8:]))))}" for row in sites)
    yield from (f"cell|{'|'.join(map(str, (*row[:3], *row[5:8], *map(micro, row[8:]))))}" for row in cells)
    yield from (f"tac|{'|'.join(map(str, row))}" for row in tac_rows(PARAMETERS))
    # Those that move are in service before and after.
    first = sorted((str(row[2]), str(row[0]), *row[8:], row[6], None) for row in cells if row[1] == 0)
    network = network_of(first)
    people = populate(network, regions, PARAMETERS)
    for number in range(PARAMETERS.days):
        for cdr_type in CDR_TYPES:
            on = PARAMETERS.start + timedelta(days=number)
            day = Day(people, network, PARAMETERS, on, cdr_type, PARAMETERS.events_of(cdr_type))
            for rows in day.sorted_blocks(333):
                yield from shown(columns(rows, day, people, network, cdr_type), cdr_type, day)


def micro(degrees: float) -> int:
    return round(degrees * 1_000_000)


def test_rows_are_those_pinned() -> None:
    assert digest(lines()) == DIGEST
