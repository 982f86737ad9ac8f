"""``flowdb load-cells`` and ``flowdb load-tacs``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowdb.commands.errors import reporting_errors
from flowdb.commands.geography import mapping
from flowdb.database import connect
from flowdb.settings import ConnectionSettings
from flowkit_jwt_generator.settings import load_settings

if TYPE_CHECKING:
    from flowdb.infrastructure.merge import Changes

_FILE = click.Path(path_type=Path)
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
_separator = click.option("--separator", default=",", show_default=True, help="What is between the columns.")


@click.command(name="load-cells")
@click.argument("file", type=_FILE)
@click.option("--sites", "sites_file", type=_FILE, help="A file of the sites; otherwise made from the cells.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    callback=mapping,
    metavar="NAME=COLUMN",
    help="Where FILE holds id, site_id, latitude, longitude, version, date_of_first_service, ...",
)
@click.option(
    "--site-field",
    "site_fields",
    multiple=True,
    callback=mapping,
    metavar="NAME=COLUMN",
    help="The same for the file of the sites.",
)
@click.option(
    "--valid-from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day of a change for which FILE gives none; today unless given.",
)
@click.option("--end-missing", is_flag=True, help="What FILE does not hold ends the day before that.")
@_separator
@click.option("--layer", help="The layer of a file of points, if it has several.")
@click.option("--crs", help="The coordinate system of a file of points that does not state it.")
@_dry_run
@reporting_errors
def load_cells(
    file: Path,
    sites_file: Path | None,
    fields: dict[str, str],
    site_fields: dict[str, str],
    valid_from: datetime | None,
    end_missing: bool,
    separator: str,
    layer: str | None,
    crs: str | None,
    dry_run: bool,
) -> None:
    """Load cells and their sites from a CSV file with a header, or points of a GeoPackage or GeoJSON file.

    Wholly or not at all, and safe to repeat: what is there already stays. A cell that moved or changed gets
    the next version, and its former one ends the day before. Results that FlowMachine had stored are
    dropped if anything changed, since they may rest on the former cells.
    """
    from flowdb.infrastructure import load
    from flowdb.infrastructure.source import read_table

    cells = load.Source(read_table(file, separator, layer, crs), fields)
    sites = None if sites_file is None else load.Source(read_table(sites_file, separator), site_fields)
    day = (valid_from or datetime.now(UTC)).date()
    with connect(load_settings(ConnectionSettings)) as connection:
        loaded = load.load_cells(connection, cells, sites, day, end_missing)
        if dry_run:
            connection.rollback()
    for changes in loaded.changes:
        _show(changes, dry_run)
    _name_ignored(loaded.ignored)
    if loaded.outside:
        click.echo(f"Outside the country: {loaded.outside} of {loaded.cells} cells.", err=True)
    if loaded.without_site:
        click.echo(f"At a site that is not known: {loaded.without_site} cells.", err=True)
    _close(dry_run, loaded.forgotten_results)


def _show(changes: "Changes", with_details: bool) -> None:
    names = ("added", "moved", "changed", "ended", "unchanged")
    counts = ", ".join(f"{getattr(changes, name)} {name}" for name in names)
    click.echo(f"{changes.kind.noun.capitalize()}s: {counts}.")
    if changes.superseded:
        click.echo(
            f"{changes.superseded} of the unchanged have later versions in FlowDB, which stay.", err=True
        )
    if with_details:
        for detail in changes.details:
            click.echo(f"  {detail}")
        more = changes.added + changes.moved + changes.changed + changes.ended - len(changes.details)
        if more > 0:
            click.echo(f"  and {more} more")


def _name_ignored(columns: list[str]) -> None:
    if columns:
        click.echo(f"Columns that are not loaded: {', '.join(columns)}.", err=True)


def _close(dry_run: bool, forgotten: int) -> None:
    if dry_run:
        click.echo("Nothing was changed.")
    elif forgotten:
        click.echo(f"{forgotten} stored results dropped: they may rest on what has changed.")


@click.command(name="load-tacs")
@click.argument("file", type=_FILE)
@click.option(
    "--field",
    "fields",
    multiple=True,
    callback=mapping,
    metavar="NAME=COLUMN",
    help="Where FILE holds id (the TAC), brand, model, hnd_type, ...",
)
@_separator
@_dry_run
@reporting_errors
def load_tacs(file: Path, fields: dict[str, str], separator: str, dry_run: bool) -> None:
    """Load phone models by their TAC from a CSV file with a header; those that are there are updated."""
    from flowdb.infrastructure import tacs
    from flowdb.infrastructure.source import read_table

    table = read_table(file, separator)
    with connect(load_settings(ConnectionSettings)) as connection:
        loaded = tacs.load_tacs(connection, table, fields)
        if dry_run:
            connection.rollback()
    click.echo(f"TACs: {loaded.added} added, {loaded.changed} changed, {loaded.unchanged} unchanged.")
    _name_ignored(loaded.ignored)
    _close(dry_run, loaded.forgotten_results)
