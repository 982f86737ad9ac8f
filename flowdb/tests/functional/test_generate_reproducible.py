"""The same rows through a database as without one; see the unit test test_reproducible."""

from collections.abc import Iterator

import pytest
from pinned import DIGEST, PARAMETERS, digest

from flowdb.database import connect
from flowdb.geography.load import load_level
from flowdb.geography.nepal import bundled_levels
from flowdb.synthetic.generate import generate
from flowdb.testing import RunningFlowDB, running_flowdb

# What is shown of calls (sms, mds, topups) besides what they have in common: whole numbers.
LINES = """
SELECT concat_ws('|', 'site', id, version, date_of_first_service,
    coalesce(date_of_last_service::text, 'None'),
    round(ST_X(geom_point)::numeric * 1000000), round(ST_Y(geom_point)::numeric * 1000000))
FROM infrastructure.sites
UNION ALL SELECT concat_ws('|', 'cell', id, version, site_id, azimuth, date_of_first_service,
    coalesce(date_of_last_service::text, 'None'),
    round(ST_X(geom_point)::numeric * 1000000), round(ST_Y(geom_point)::numeric * 1000000))
FROM infrastructure.cells
UNION ALL SELECT concat_ws('|', 'tac', id, brand, model, hnd_type) FROM infrastructure.tacs
UNION ALL SELECT concat_ws('|', 'calls', id, msisdn, msisdn_counterpart, location_id, imsi, imei, tac, second,
    day, outgoing::text, duration)
FROM events.calls, pg_temp.moment(datetime)
UNION ALL SELECT concat_ws('|', 'sms', id, msisdn, msisdn_counterpart, location_id, imsi, imei, tac, second,
    day, outgoing::text)
FROM events.sms, pg_temp.moment(datetime)
UNION ALL SELECT concat_ws('|', 'mds', id, msisdn, '', location_id, imsi, imei, tac, second, day, '',
    trunc(duration * 1000), trunc(volume_total * 1000), trunc(volume_upload * 1000),
    trunc(volume_download * 1000))
FROM events.mds, pg_temp.moment(datetime)
UNION ALL SELECT concat_ws('|', 'topups', id, msisdn, '', location_id, imsi, imei, tac, second, day, '',
    trunc(recharge_amount * 1000), trunc(airtime_fee * 1000), trunc(tax_and_fee * 1000),
    trunc(pre_event_balance * 1000), trunc(post_event_balance * 1000))
FROM events.topups, pg_temp.moment(datetime)
"""
MOMENT = """
CREATE FUNCTION pg_temp.moment(t timestamptz, OUT second bigint, OUT day bigint) LANGUAGE sql AS
$$ SELECT extract(epoch FROM t)::bigint % 86400,
          1000000 * (extract(epoch FROM t)::bigint / 86400 * 86400 - 946684800) $$
"""


@pytest.fixture(scope="module")
def empty() -> Iterator[RunningFlowDB]:
    with running_flowdb() as flowdb:
        with connect(flowdb.settings()) as connection:
            for level, regions in enumerate(bundled_levels()):
                load_level(connection, regions, level)
        yield flowdb


@pytest.mark.parametrize("workers", [1, 3])
def test_rows_are_those_pinned(empty: RunningFlowDB, workers: int) -> None:
    generate(empty.settings(), PARAMETERS, lambda _: None, replace=True, workers=workers)
    with connect(empty.settings()) as connection, connection.cursor() as cursor:
        cursor.execute(MOMENT)
        cursor.execute(LINES)
        assert digest(row[0] for row in cursor.fetchall()) == DIGEST
