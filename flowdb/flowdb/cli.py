"""The command line of FlowDB."""

import json
import logging
import math
import sys
from functools import partial

import click
import psycopg2

from flowdb.checks import load_server_settings
from flowdb.cluster import Cluster
from flowdb.commands.backup import backup, restore
from flowdb.commands.errors import reporting_errors
from flowdb.commands.generate import fill, fill_test_data, generate, parameters_of_environment
from flowdb.commands.geography import load_geography
from flowdb.commands.infrastructure import load_cells, load_tacs
from flowdb.config import Machine, render
from flowdb.database import connect
from flowdb.facts import answering, holdings
from flowdb.passwords import make_up_password
from flowdb.schema import migrate
from flowdb.settings import ClusterLocation, ConnectionSettings, ServerSettings, SyntheticDataSettings
from flowkit_jwt_generator.settings import load_settings


@click.group()
@click.version_option(package_name="flowdb")
@click.option("--verbose", is_flag=True, help="Log what is done, step by step.")
def main(verbose: bool) -> None:
    """Run FlowDB: the database of FlowKit."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(name)s %(levelname)s %(message)s",
    )


@main.command()
@reporting_errors
def init() -> None:
    """Make the cluster, its schema and roles; nothing that exists is touched."""
    settings = load_server_settings()
    cluster = Cluster(settings)
    if cluster.serves:
        click.echo(f"FlowDB already runs in {cluster.data_directory}.")
        return
    existed = cluster.exists
    cluster.prepare(settings)
    click.echo(f"{'Brought up to date' if existed else 'Made'}: {cluster.data_directory}")


@main.command()
@click.option("--foreground", is_flag=True, help="Serve in this process until it is told to stop.")
@click.option(
    "--generate", "with_data", is_flag=True, help="Before it listens, load synthetic data that is not there."
)
@click.option(
    "--test-data",
    "with_test_data",
    is_flag=True,
    help="Before it listens, load the test data set if need be.",
)
@reporting_errors
def start(foreground: bool, with_data: bool, with_test_data: bool) -> None:
    """Start the server: made first if needed, and brought up to date before it listens.

    With --generate, SYNTHETIC_DATA_GENERATOR must be set, and the variables of generate say what is made;
    with it or --test-data, the superuser's password may be left out if POSTGRES_PASSWORD_FILE says where to
    keep one made up.
    """
    if with_data and with_test_data:
        raise click.UsageError("Give --generate or --test-data, not both: the test data set comes alone.")
    if with_data or with_test_data:
        make_up_password()
    settings = load_server_settings()
    preparation = fill_test_data if with_test_data else None
    if with_data:
        load_settings(SyntheticDataSettings)
        preparation = partial(fill, parameters=parameters_of_environment(), workers=settings.max_cpus)
    cluster = Cluster(settings)
    if not foreground and cluster.serves:
        click.echo(f"FlowDB already runs in {cluster.data_directory}.")
        return
    cluster.prepare(settings, preparation)
    if foreground:
        click.echo(f"FlowDB listens on {settings.listen_addresses} port {settings.port}.")
        sys.exit(cluster.serve(settings))
    cluster.start(settings)
    click.echo(f"FlowDB answers on port {settings.port}.")


@main.command()
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=math.inf,
    help="Seconds after which to give up waiting; the server goes on stopping.",
)
@reporting_errors
def stop(timeout: float) -> None:
    """Stop the server in the data directory, and wait until it has written everything to its files."""

    def waiting(seconds: float) -> None:
        click.echo(f"Still writing to its files after {seconds:.0f} s: do not kill it.", err=True)

    stopped = Cluster(load_settings(ClusterLocation)).stop(waiting, timeout)
    click.echo("FlowDB has stopped." if stopped else "FlowDB was not running.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object, with what FlowDB holds.")
@reporting_errors
def status(as_json: bool) -> None:
    """Say whether FlowDB answers: exit code 0 if it does, 1 if not."""
    settings = load_settings(ConnectionSettings)
    facts: dict[str, object] = {"host": settings.host, "port": settings.port, "answers": False}
    try:
        with connect(settings, timeout=5) as connection:
            facts |= {"answers": True, **answering(connection)}
            # The plain form is the health check of containers, which must be quick.
            if as_json:
                facts |= holdings(connection)
    except psycopg2.Error as error:
        facts["reason"] = str(error).strip()
    if as_json:
        click.echo(json.dumps(facts))
    elif facts["answers"]:
        click.echo(
            f"FlowDB {facts['version']} answers on {settings.host} port {settings.port} "
            f"(PostgreSQL {facts['postgresql']})."
        )
    else:
        click.echo(f"FlowDB does not answer on {settings.host} port {settings.port}: {facts['reason']}")
    sys.exit(0 if facts["answers"] else 1)


@main.command(name="migrate")
@reporting_errors
def migrate_command() -> None:
    """Bring schema, roles and passwords of a running server to this release."""
    settings = load_settings(ServerSettings)
    migrate(settings)
    click.echo(f"Schema and roles are those of release {settings.version}.")


@main.command()
@reporting_errors
def config() -> None:
    """Show the server configuration that the next start would write."""
    settings = load_server_settings()
    click.echo(render(settings, Machine.here(settings.data_directory)), nl=False)


for command in (load_geography, load_cells, load_tacs, generate, backup, restore):
    main.add_command(command)
