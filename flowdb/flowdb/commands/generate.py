"""``flowdb generate``."""

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from flowdb.commands.errors import reporting_errors
from flowdb.settings import ConnectionSettings
from flowkit_jwt_generator.settings import load_settings

if TYPE_CHECKING:
    from flowdb.synthetic.parameters import Disaster, GeneratorName, Parameters

_AT_LEAST_ONE = click.IntRange(min=1)
_AT_LEAST_NONE = click.IntRange(min=0)


def _option(
    flag: str, variable: str, default: object, help_text: str, kind: click.ParamType | None = None
) -> Any:
    """Return an option that can also be set by a variable."""
    return click.option(
        flag,
        envvar=variable,
        default=default,
        show_default=True,
        show_envvar=True,
        help=help_text,
        type=_AT_LEAST_ONE if kind is None else kind,
    )


@click.command()
@_option(
    "--generator",
    "SYNTHETIC_DATA_GENERATOR",
    "sql",
    "sql: large volumes, moves of homes, disasters. python: people who commute and travel.",
    click.Choice(["python", "sql"]),
)
@_option("--start", "START_DATE", "2016-01-01", "First day.", click.DateTime(["%Y-%m-%d"]))
@_option("--days", "N_DAYS", 7, "Number of days.")
@_option("--subscribers", "N_SUBSCRIBERS", 4_000, "Number of subscribers.", click.IntRange(min=2))
@_option("--calls", "N_CALLS", 200_000, "Calls a day.", _AT_LEAST_NONE)
@_option("--sms", "N_SMS", None, "Messages a day; by default 200000, python: 0.", _AT_LEAST_NONE)
@_option("--mds", "N_MDS", None, "Mobile data sessions a day; by default 200000, python: 0.", _AT_LEAST_NONE)
@_option("--topups", "N_TOPUPS", 0, "Top-ups a day.", _AT_LEAST_NONE)
@_option("--cells", "N_CELLS", 1_000, "Cells, if there are none yet.")
@_option(
    "--sites",
    "N_SITES",
    None,
    "Sites, if there are none yet; by default as many as cells, at most 1000; python: two for every five.",
)
@_option("--tacs", "N_TACS", 1_000, "Phone models, if there are none yet.")
@_option("--interactions", "INTERACTIONS_MULTIPLIER", 5, "Calling pairs for each subscriber.")
@_option(
    "--out-of-area", "P_OUT_OF_AREA", 0.05, "Share of events at places not one's own.", click.FloatRange(0, 1)
)
@_option(
    "--relocate", "P_RELOCATE", 0.01, "Share of subscribers who move each day (sql).", click.FloatRange(0, 1)
)
@_option(
    "--disaster-start", "DISASTER_START", None, "First day of a disaster (sql).", click.DateTime(["%Y-%m-%d"])
)
@_option("--disaster-end", "DISASTER_END", None, "Last day of it.", click.DateTime(["%Y-%m-%d"]))
@_option(
    "--disaster-region", "DISASTER_REGION_PCOD", None, "Code of the region nobody may enter.", click.STRING
)
@_option("--dfs-subscribers", "NUM_DFS_SUBSCRIBERS", 0, "Subscribers who use mobile money.", _AT_LEAST_NONE)
@_option("--dfs-transactions", "NUM_DFS_TRANSACTIONS", 0, "Their transactions a day.", _AT_LEAST_NONE)
@_option("--subscribers-seed", "SUBSCRIBERS_SEED", 11111, "Seed of the subscribers.", _AT_LEAST_NONE)
@_option("--events-seed", "CALLS_SEED", 22222, "Seed of the events.", _AT_LEAST_NONE)
@_option("--cells-seed", "CELLS_SEED", 33333, "Seed of the cells.", _AT_LEAST_NONE)
@_option(
    "--workers",
    "MAX_CPUS",
    None,
    "At most so many days are loaded side by side; sql: one a processor, python: 2.",
)
@click.option("--replace", is_flag=True, help="Load days again that are there already.")
@click.option("--test-data", is_flag=True, help="Load the test data set instead, into an empty FlowDB.")
@reporting_errors
def generate(replace: bool, test_data: bool, workers: int | None, **options: Any) -> None:
    """Fill FlowDB with the synthetic events of a country.

    The same seeds give the same rows. Days that are there already are left as they are, so that an
    interrupted run can be repeated. Without regions, the bundled ones are loaded first.

    The test data set is always the same: seven days of 499 subscribers, with everything the tests of
    FlowKit's components need. With it, the other options have no meaning.
    """
    if test_data:
        fill_test_data(load_settings(ConnectionSettings))
    else:
        fill(load_settings(ConnectionSettings), _parameters(**options), replace, workers)


def parameters_of_environment() -> "Parameters":
    """Return what the variables of the command ask for."""
    options = dict(generate.make_context("generate", []).params)
    del options["replace"], options["test_data"], options["workers"]
    return _parameters(**options)


def _parameters(
    generator: "GeneratorName",
    start: datetime,
    sms: int | None,
    mds: int | None,
    cells: int,
    sites: int | None,
    disaster_start: datetime | None,
    disaster_end: datetime | None,
    disaster_region: str | None,
    **numbers: Any,
) -> "Parameters":
    from flowdb.synthetic.parameters import Parameters

    other = 0 if generator == "python" else 200_000
    return Parameters(
        generator=generator,
        start=_day(start),
        sms=other if sms is None else sms,
        mds=other if mds is None else mds,
        cells=cells,
        sites=sites or (max(1, cells * 2 // 5) if generator == "python" else min(1_000, cells)),
        disaster=_disaster(disaster_start, disaster_end, disaster_region),
        **numbers,
    )


def _day(moment: datetime) -> date:
    return moment.replace(tzinfo=UTC).date()


def _disaster(start: datetime | None, end: datetime | None, region: str | None) -> "Disaster | None":
    from flowdb.synthetic.parameters import Disaster, ParameterError

    if start is None and end is None:
        return None
    if start is None or end is None or region is None:
        raise ParameterError(
            "A disaster needs DISASTER_START, DISASTER_END and DISASTER_REGION_PCOD: set all three, or none."
        )
    return Disaster(_day(start), _day(end), region)


def fill(
    settings: ConnectionSettings,
    parameters: "Parameters",
    replace: bool = False,
    workers: int | None = None,
) -> None:
    """Load what is not there yet, and tell how far it is.

    Parameters
    ----------
    settings
        How to reach FlowDB.
    parameters
        What to make.
    replace
        Whether to load days again that are there already.
    workers
        The most days that are loaded side by side; by default as many as suit the generator.
    """
    from flowdb.database import connect
    from flowdb.synthetic.generate import Progress
    from flowdb.synthetic.generate import generate as run
    from flowdb.synthetic.mobile_money import fill_mobile_money

    began = time.monotonic()
    with connect(settings) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('geography.admin0') IS NULL")
        if cursor.fetchone() == (True,):
            from flowdb.geography.load import load_level
            from flowdb.geography.nepal import bundled_levels

            click.echo(
                "There are no regions yet: loading the bundled outline of Nepal with synthetic regions."
            )
            for level, regions in enumerate(bundled_levels()):
                load_level(connection, regions, level)

    def report(progress: Progress) -> None:
        click.echo(
            f"{progress.day} {progress.cdr_type}: {progress.rows} rows "
            f"({progress.done} of {progress.total}, about {progress.seconds_left:.0f} s left)"
        )

    rows = run(settings, parameters, report, replace, workers)
    click.echo(
        f"{rows} rows loaded in {time.monotonic() - began:.0f} s." if rows else "All days are there already."
    )
    with connect(settings) as connection:
        if transactions := fill_mobile_money(connection, parameters, replace):
            click.echo(f"{transactions} transactions of mobile money loaded.")


def fill_test_data(settings: ConnectionSettings) -> None:
    """Load the test data set unless it is there."""
    from flowdb.testdata import load_test_data

    loaded = load_test_data(settings)
    click.echo("The test data set is loaded." if loaded else "The test data set is there already.")
