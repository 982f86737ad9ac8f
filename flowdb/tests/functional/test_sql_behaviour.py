"""Each stated behaviour of the SQL generator, checked against its definition by plain computation."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sql_country import CLOSED, MOVED, OPENED, SMALL, Country, day, made

from flowdb.synthetic.rhythm import hour_weights
from flowdb.testing import RunningFlowDB

# Everything is fixed by seeds, so nothing here fails by chance; a wrong distribution is far beyond these.
MOST_DEVIATIONS = 4.0
LEAST_PROBABILITY = 1e-4


def assert_even(counts: np.ndarray | pd.Series, shares: np.ndarray | None = None) -> None:
    """Assert that counts follow a distribution, by default the even one."""
    counts = np.asarray(counts)
    expected = counts.sum() * (np.full(len(counts), 1 / len(counts)) if shares is None else shares)
    assert expected.min() > 5, "too few for the test to mean anything"
    assert stats.chisquare(counts, expected).pvalue > LEAST_PROBABILITY


def assert_share(happened: np.ndarray, probabilities: np.ndarray) -> None:
    """Assert that independent events happened as often as their probabilities say."""
    deviation = np.sqrt((probabilities * (1 - probabilities)).sum())
    assert abs(happened.sum() - probabilities.sum()) <= MOST_DEVIATIONS * max(deviation, 1e-9)


ALL_TYPES = replace(SMALL, sms=6_000, mds=6_000, topups=6_000)


@pytest.fixture(scope="module")
def country(country_flowdb: RunningFlowDB) -> Country:
    """Return a country with all types of event."""
    with made(country_flowdb, ALL_TYPES) as country:
        country.read_all()
    return country


def at_home(country: Country, kind: str, barred: set[str] = frozenset()) -> pd.DataFrame:
    """Return the rows of a type with whether each lies in the home region, and how likely that was."""
    parts = []
    for each, rows in country.events[kind].groupby("day"):
        serving = country.serving(each)
        allowed = serving[~serving.index.isin(barred)]
        region = country.regions(each, allowed)
        home = country.homes_on(each).loc[rows.msisdn].to_numpy()
        share = np.array([len(region[cell]) / len(allowed) for cell in home])
        parts.append(
            rows.assign(
                home=home,
                inside=[where in region[cell] for where, cell in zip(rows.location_id, home, strict=True)],
                probability=1 - country.parameters.out_of_area * (1 - share),
            )
        )
    return pd.concat(parts)


@pytest.mark.parametrize("kind", ["calls", "sms", "mds", "topups"])
def test_events_happen_in_the_home_region_unless_out_of_area(country: Country, kind: str) -> None:
    rows = at_home(country, kind)
    assert_share(rows.inside.to_numpy(), rows.probability.to_numpy())
    assert 0.88 < rows.inside.mean() < 0.94


@pytest.mark.parametrize("out_of_area", [0.0, 0.35, 1.0])
def test_the_share_out_of_area_is_the_one_asked_for(
    country_flowdb: RunningFlowDB, out_of_area: float
) -> None:
    with made(country_flowdb, replace(SMALL, days=1, out_of_area=out_of_area)) as country:
        rows = at_home(country, "calls")
        assert_share(rows.inside.to_numpy(), rows.probability.to_numpy())
        if out_of_area == 0:
            assert rows.inside.all()
        if out_of_area == 1:
            cells = country.serving(day(1)).index
            assert_even(rows.location_id.value_counts().reindex(cells, fill_value=0))


def test_the_parties_of_an_event_are_out_of_area_independently(country: Country) -> None:
    rows = at_home(country, "calls")
    both = rows[rows.outgoing].merge(rows[~rows.outgoing], on="id", suffixes=("", "_other"))
    assert_share(
        (~both.inside & ~both.inside_other).to_numpy(),
        ((1 - both.probability) * (1 - both.probability_other)).to_numpy(),
    )


def test_cells_of_a_home_region_are_equally_likely(country_flowdb: RunningFlowDB) -> None:
    with made(country_flowdb, replace(SMALL, days=1, calls=60_000, out_of_area=0.0)) as country:
        regions = country.regions(day(1), country.serving(day(1)))
        rows = at_home(country, "calls")
        tested = 0
        for home, of_home in rows.groupby("home"):
            if len(regions[home]) > 1:
                counts = of_home.location_id.value_counts().reindex(sorted(regions[home]), fill_value=0)
                assert_even(counts)
                tested += 1
        assert tested > 20


def test_rows_of_an_event_mirror_each_other_and_ids_are_unique(country: Country) -> None:
    for kind in ("calls", "sms"):
        rows = country.events[kind]
        count = country.parameters.events_of(kind) * country.parameters.days
        assert len(rows) == 2 * count
        pairs = rows[rows.outgoing].merge(rows[~rows.outgoing], on="id", suffixes=("", "_other"))
        assert len(pairs) == count == rows.id.nunique()
        assert (pairs.msisdn == pairs.msisdn_counterpart_other).all()
        assert (pairs.msisdn_other == pairs.msisdn_counterpart).all()
        assert (pairs.datetime == pairs.datetime_other).all()
        assert (pairs.msisdn != pairs.msisdn_other).all()
        if kind == "calls":
            assert (pairs.duration == pairs.duration_other).all()
    for kind in ("mds", "topups"):
        rows = country.events[kind]
        assert len(rows) == rows.id.nunique() == 6_000 * 3


def test_identifiers_look_like_hashes(country: Country) -> None:
    for rows in country.events.values():
        for column, pattern in (("msisdn", 64), ("imsi", 64), ("imei", 64), ("id", 32)):
            assert rows[column].str.fullmatch(f"[0-9a-f]{{{pattern}}}").all()
    assert country.events["calls"].msisdn_counterpart.str.fullmatch("[0-9a-f]{64}").all()


def test_phones_stay_the_same_and_models_are_equally_likely(country: Country) -> None:
    seen = pd.concat([rows[["msisdn", "imsi", "imei", "tac"]] for rows in country.events.values()])
    phones = seen.drop_duplicates()
    assert phones.msisdn.nunique() == phones.imsi.nunique() == phones.imei.nunique() == len(phones) == 1500
    models = country.read("SELECT id FROM infrastructure.tacs").id
    assert_even(phones.tac.value_counts().reindex(models, fill_value=0))


@pytest.mark.parametrize("interactions", [1, 5])
def test_people_call_the_same_contacts_again(country_flowdb: RunningFlowDB, interactions: int) -> None:
    parameters = replace(SMALL, subscribers=300, days=2, interactions=interactions, sms=15_000)
    with made(country_flowdb, parameters) as country:
        pairs = {
            kind: rows[rows.outgoing].groupby(["msisdn", "msisdn_counterpart"]).size()
            for kind, rows in country.events.items()
            if kind in ("calls", "sms")
        }
        assert set(pairs["calls"].index) == set(pairs["sms"].index)
        wanted = 300 * interactions
        possible = 300 * 299
        # Pairs are drawn independently, so that a few are drawn twice.
        distinct = possible * (1 - (1 - 1 / possible) ** wanted)
        assert abs(len(pairs["calls"]) - distinct) <= 2 + MOST_DEVIATIONS * np.sqrt(wanted - distinct)
        callers = country.read("SELECT contacts FROM flowdb_synthetic.people").contacts[0]
        assert len(callers) == 2 * wanted
        drawn = pd.Series(list(zip(callers[::2], callers[1::2], strict=True))).value_counts()
        number = country.subscribers
        counts = {(number[a], number[b]): count for (a, b), count in (pairs["calls"] + pairs["sms"]).items()}
        assert_even(pd.Series(counts).reindex(drawn.index), (drawn / wanted).to_numpy())
        assert_even(np.histogram(callers[::2], bins=10, range=(0.5, 300.5))[0])
        assert_even(np.histogram(callers[1::2], bins=10, range=(0.5, 300.5))[0])


def test_sessions_and_topups_are_anybodys(country: Country) -> None:
    for kind in ("mds", "topups"):
        counts = country.events[kind].msisdn.value_counts().reindex(country.subscribers.index, fill_value=0)
        assert_even(counts)


def test_the_day_has_its_rhythm(country: Country) -> None:
    for each, rows in country.events["calls"].groupby("day"):
        weights = np.array(hour_weights(each))
        starts = rows[rows.outgoing].datetime
        counts = starts.dt.hour.value_counts().reindex(range(24), fill_value=0)
        assert_even(counts, weights / weights.sum())
        assert_even(starts.dt.minute.value_counts().reindex(range(60)))
        assert counts[[1, 2, 3, 4]].sum() < counts[19] / 3
    shares = {
        each: (rows.datetime.dt.hour == 8).mean() for each, rows in country.events["calls"].groupby("day")
    }
    assert shares[day(1)] > 1.15 * shares[day(2)]


def test_amounts_go_together(country: Country) -> None:
    calls = country.events["calls"]
    logs = np.log(calls[calls.outgoing].duration.astype(float))
    assert abs(logs.mean() - 4.6) < 0.02
    assert abs(logs.std() - 1.1) < 0.02
    mds = country.events["mds"]
    assert (mds.volume_total == mds.volume_upload + mds.volume_download).all()
    assert (mds[["volume_upload", "volume_download", "duration"]] > 0).all().all()
    uploads, downloads = (
        np.log(mds[column].astype(float)) for column in ("volume_upload", "volume_download")
    )
    assert abs(np.corrcoef(uploads, downloads)[0, 1]) < MOST_DEVIATIONS / np.sqrt(len(mds))
    topups = country.events["topups"].astype({"recharge_amount": float, "tax_and_fee": float})
    assert_even(topups.recharge_amount.value_counts().reindex(range(1, 11)))
    assert (topups.airtime_fee.astype(float) == 0.5).all()
    assert np.allclose(topups.tax_and_fee, 0.1 * (topups.recharge_amount + 0.5))
    before, after = topups.pre_event_balance.astype(float), topups.post_event_balance.astype(float)
    assert np.allclose(after, before + topups.recharge_amount)
    assert 0 <= before.min() < 5 < 585 < before.max() <= 590


def test_rows_are_written_by_subscriber_and_time(country_flowdb: RunningFlowDB) -> None:
    statements = (
        "SELECT msisdn, datetime FROM events.calls_20160101 ORDER BY ctid",
        "SELECT msisdn, datetime FROM events.sms_20160101 ORDER BY ctid",
        "SELECT msisdn, datetime FROM events.mds_20160101 ORDER BY ctid",
        "SELECT msisdn, datetime FROM events.topups_20160101 ORDER BY ctid",
    )
    with made(country_flowdb, replace(ALL_TYPES, days=1)) as country:
        for statement in statements:
            rows = list(country.read(statement).itertuples(index=False, name=None))
            assert rows == sorted(rows)
        assert set(
            country.read("SELECT indexname FROM pg_indexes WHERE tablename = 'calls_20160101'").indexname
        ) == {f"calls_20160101_{name}_idx" for name in ("msisdn", "location_id", "datetime")}


def test_only_cells_in_service_have_events(country: Country) -> None:
    for rows in country.events.values():
        for each, of_day in rows.groupby("day"):
            assert set(of_day.location_id) <= set(country.serving(each).index)
    calls = country.events["calls"]
    days = calls.groupby("location_id").day.agg(set)
    assert days[CLOSED] == {day(1), day(2)}
    assert days[OPENED] == {day(3)}
    assert days[MOVED] == {day(1), day(2), day(3)}


def test_homes_are_where_the_cells_are_and_follow_service(country: Country) -> None:
    first = country.homes_on(day(1))
    cells = country.serving(day(1)).index
    assert_even(first.value_counts().reindex(cells, fill_value=0))
    for each in country.parameters.dates:
        assert set(country.homes_on(each)) <= set(country.serving(each).index)
    assert (first == CLOSED).any()


@pytest.mark.parametrize("relocate", [0.0, 0.01, 0.2, 1.0])
def test_people_move_as_often_as_asked(country_flowdb: RunningFlowDB, relocate: float) -> None:
    parameters = replace(SMALL, days=30, calls=0, topups=0, relocate=relocate, start=date(2016, 1, 3))
    with made(country_flowdb, parameters) as country:
        homes = country.homes
        moves = homes[homes.moved_in > parameters.start]
        assert not moves.duplicated(["subscriber", "moved_in"]).any()
        per_day = moves.groupby("moved_in").size().reindex(parameters.dates[1:], fill_value=0)
        mean = parameters.subscribers * relocate
        if relocate == 1.0:
            # As many as there are, at most; about every second draw is more than that.
            assert per_day.max() == parameters.subscribers
            assert per_day.min() > mean - MOST_DEVIATIONS * np.sqrt(mean)
        else:
            assert abs(per_day.sum() - 29 * mean) <= MOST_DEVIATIONS * np.sqrt(29 * mean)
        if relocate == 0.2:
            # The days scatter as Poisson's do, and everybody is as likely to move.
            assert 0.3 < per_day.var() / mean < 2.2
            assert_even(moves.subscriber.value_counts().reindex(range(1, 1501), fill_value=0), None)
            assert_even(moves.cell.value_counts().reindex(country.serving(day(5)).index, fill_value=0))
        for _, history in homes.groupby("subscriber"):
            assert (history.moved_in.to_numpy()[1:] == history.moved_out.to_numpy()[:-1]).all()
            assert history.stays.to_numpy()[-1]
