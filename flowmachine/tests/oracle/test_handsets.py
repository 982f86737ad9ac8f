"""Handsets, top-ups and volumes of data, against the definitions."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.features import (
    HandsetStats,
    MDSVolume,
    SubscriberHandset,
    SubscriberHandsetCharacteristic,
    SubscriberHandsets,
    SubscriberTAC,
    SubscriberTACs,
    TopUpAmount,
    TopUpBalance,
)
from tests.oracle import mobility_definitions
from tests.oracle.cdr import Cdr, cdrs, held
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Window
from tests.oracle.mobility_definitions import STATISTICS
from tests.oracle.strategies import INSTANTS, windows
from tests.oracle.test_definitions import oracle, parameters
from tests.oracle.test_definitions import pytestmark as pytestmark
from tests.oracle.test_mobility import check, values

MODELS = {
    Decimal(1): {"brand": "Nokia", "hnd_type": "Feature", "width": Decimal(50), "hardware_wifi": False},
    Decimal(2): {"brand": "Acme", "hnd_type": "Smart", "width": Decimal("61.5"), "hardware_wifi": None},
    Decimal(3): {"brand": "Nokia", "hnd_type": None, "width": None, "hardware_wifi": True},
}
"""What is known of three TACs, beside what :func:`filled` adds; of 99 there is nothing."""

Models = dict[Decimal, dict[str, Any]]


def filled(kinds: dict[str, str]) -> Models:
    """Put something into every other column, so that each two columns differ in some model."""
    found: Models = {}
    for row, (tac, known) in enumerate(MODELS.items()):
        found[tac] = {}
        for number, (name, kind) in enumerate(kinds.items()):
            if kind == "boolean":
                value: Any = (None, False, True)[number // 3**row % 3]
            else:
                value = Decimal(100 * number + row) if kind == "numeric" else f"{name} of {tac}"
            found[tac][name] = known.get(name, value)
    return found


def described(models: Models, tac: Decimal, names: list[str]) -> tuple[Any, ...]:
    """Return the columns of a model, nulls if it is not known."""
    return tuple(models.get(tac, {}).get(name) for name in names)


METHODS = ["most-common", "last"]
records = cdrs("calls", "sms").map(
    lambda data: [
        attrs.evolve(cdr, tac=cdr.tac + 1 if cdr.tac == 2 and cdr.outgoing else cdr.tac) for cdr in data
    ]
)


@pytest.fixture(scope="module", autouse=True)
def models(superuser: sa.Engine) -> Iterator[Models]:
    """Put the models into FlowDB while these tests run."""
    with superuser.begin() as connection:
        columns = connection.execute(
            sa.text(
                "SELECT column_name, data_type FROM information_schema.columns "
                "WHERE (table_schema, table_name) = ('infrastructure', 'tacs') AND column_name <> 'id'"
            )
        )
        found = filled({row.column_name: row.data_type for row in columns})
        table = sa.table("tacs", *map(sa.column, ("id", *found[Decimal(1)])), schema="infrastructure")
        for tac, known in found.items():
            connection.execute(sa.insert(table).values(id=tac, **known))
    yield found
    with superuser.begin() as connection:
        connection.execute(sa.delete(table))


def column(name: str) -> dict[Decimal, Any]:
    return {tac: known[name] for tac, known in MODELS.items()}


@oracle
@given(data=records, window=windows())
def test_subscriber_tacs(run: Runner, data: list[Cdr], window: Window) -> None:
    used = [(cdr.msisdn, cdr.datetime, cdr.tac) for cdr in held(data, window) if cdr.tac is not None]
    expected = sorted(used, key=lambda row: (row[1], row[0], row[2]))
    assert run(data, SubscriberTACs(window.start, window.stop, **parameters(window))) == expected


@oracle
@given(data=records, window=windows(), method=st.sampled_from(METHODS))
def test_subscriber_tac_and_handset(
    run: Runner, models: Models, data: list[Cdr], window: Window, method: str
) -> None:
    expected = mobility_definitions.chosen_tac(held(data, window), method)
    given = {"method": method, **parameters(window)}
    assert dict(run(data, SubscriberTAC(window.start, window.stop, **given))) == expected
    query = SubscriberHandset(window.start, window.stop, **given)
    assert Counter(run(data, query)) == Counter(
        (tac, who, *described(models, tac, query.column_names[2:])) for who, tac in expected.items()
    )


@oracle
@given(data=records, window=windows())
def test_subscriber_handsets(run: Runner, models: Models, data: list[Cdr], window: Window) -> None:
    query = SubscriberHandsets(window.start, window.stop, **parameters(window))
    assert Counter(run(data, query)) == Counter(
        (cdr.tac, cdr.msisdn, cdr.datetime, *described(models, cdr.tac, query.column_names[3:]))
        for cdr in held(data, window)
        if cdr.tac is not None
    )


def test_the_columns_of_handsets_are_those_of_the_table(superuser: sa.Engine) -> None:
    with superuser.connect() as connection:
        table = connection.exec_driver_sql("SELECT * FROM infrastructure.tacs LIMIT 0").keys()
    window = ("2016-01-01", "2016-01-02")
    known = [name for name in table if name != "id"]
    assert SubscriberHandsets(*window).column_names == ["tac", "subscriber", "time", *known]
    assert SubscriberHandset(*window).column_names == ["tac", "subscriber", *known]


@oracle
@given(
    data=records,
    window=windows(),
    method=st.sampled_from(METHODS),
    characteristic=st.sampled_from([*MODELS[Decimal(1)], "tac"]),
)
def test_handset_characteristic(
    run: Runner, data: list[Cdr], window: Window, method: str, characteristic: str
) -> None:
    query = SubscriberHandsetCharacteristic(
        window.start, window.stop, characteristic, method=method, **parameters(window)
    )
    tacs = [*MODELS, Decimal(99)]
    of = {tac: tac for tac in tacs} if characteristic == "tac" else column(characteristic)
    if method == "last":
        chosen = mobility_definitions.chosen_tac(held(data, window), "last")
        expected = {who: of.get(tac) for who, tac in chosen.items()}
    else:
        expected = mobility_definitions.common_characteristic(held(data, window), of)
    rows = run(data, query)
    assert dict(rows) == expected
    assert len(rows) == len(expected)


@oracle
@given(
    data=records,
    window=windows(),
    statistic=st.sampled_from([name for name in STATISTICS if name != "mode"]),
)
def test_handset_stats(run: Runner, data: list[Cdr], window: Window, statistic: str) -> None:
    handsets = SubscriberHandsets(window.start, window.stop, **parameters(window))
    query = HandsetStats("Width", statistic, subscriber_handsets=handsets)
    expected = mobility_definitions.handset_stats(held(data, window), window, column("width"), statistic)
    check(values(run(data, query)), expected)


def some(*tables: str) -> st.SearchStrategy[list[Cdr]]:
    """Draw records, and one of another table, so that there are tables of every type even without any."""
    other = Cdr("calls", "caller", INSTANTS[0], outgoing=True)
    return cdrs(*tables).map(lambda data: [*data, other])


def of_table(window: Window, table: str) -> Window:
    return attrs.evolve(window, tables=frozenset({table}))


def without_table(window: Window) -> dict[str, Any]:
    return {name: value for name, value in parameters(window).items() if name != "table"}


def statistics_of(data: list[Cdr], attribute: str, statistic: str) -> dict[str, Any]:
    amounts = defaultdict(list)
    for cdr in data:
        amounts[cdr.msisdn] += [getattr(cdr, attribute)] if getattr(cdr, attribute) is not None else []
    return {who: mobility_definitions.statistic_of(statistic, known) for who, known in amounts.items()}


@oracle
@given(data=some("topups"), window=windows(), statistic=st.sampled_from(STATISTICS))
def test_topup_amount(run: Runner, data: list[Cdr], window: Window, statistic: str) -> None:
    window = of_table(window, "topups")
    query = TopUpAmount(window.start, window.stop, statistic, **without_table(window))
    expected = statistics_of(held(data, window), "recharge_amount", statistic)
    check(values(run(data, query)), expected)


@oracle
@given(data=some("topups"), window=windows(), statistic=st.sampled_from(STATISTICS))
def test_topup_balance(run: Runner, data: list[Cdr], window: Window, statistic: str) -> None:
    window = of_table(window, "topups")
    query = TopUpBalance(window.start, window.stop, statistic, **without_table(window))
    expected = mobility_definitions.topup_balance(held(data, window), window, statistic)
    check(values(run(data, query)), expected)


@oracle
@given(
    data=some("mds"),
    window=windows(),
    statistic=st.sampled_from(STATISTICS),
    volume=st.sampled_from(["total", "upload", "download"]),
)
def test_mds_volume(run: Runner, data: list[Cdr], window: Window, statistic: str, volume: str) -> None:
    window = of_table(window, "mds")
    query = MDSVolume(window.start, window.stop, volume, statistic, **without_table(window))
    expected = statistics_of(held(data, window), f"volume_{volume}", statistic)
    check(values(run(data, query)), expected)


def topup(hour: int, before: int, after: int) -> Cdr:
    time = INSTANTS[0].replace(hour=hour)
    return Cdr("topups", "a", time, pre_event_balance=Decimal(before), post_event_balance=Decimal(after))


@pytest.mark.parametrize(
    ("statistic", "value"), [("mode", 10), ("median", 10), ("avg", (6 * 10 + 2 * 25 + 16 * 60) / 24)]
)
def test_a_balance_counts_for_as_long_as_it_was_held(run: Runner, statistic: str, value: float) -> None:
    # 10 until the first, then from 40 down to 10 for two hours, then 60 until the end.
    data = [topup(6, 10, 40), topup(8, 10, 60)]
    if statistic != "avg":
        data = [topup(18, 10, 40), topup(20, 10, 60)]
    query = TopUpBalance("2016-01-01", "2016-01-02", statistic)
    check(values(run(data, query)), {"a": value})
