"""``flowdb load-geography``."""

from pathlib import Path

import click

from flowdb.commands.errors import reporting_errors
from flowdb.database import connect
from flowdb.settings import ConnectionSettings
from flowkit_jwt_generator.settings import load_settings


def mapping(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Turn NAME=COLUMN options into a dictionary."""
    pairs = [value.partition("=") for value in values]
    if wrong := [pair[0] for pair in pairs if not pair[0] or not pair[2]]:
        raise click.BadParameter(f"'{wrong[0]}' is not of the form NAME=COLUMN.")
    return {name: column for name, _, column in pairs}


@click.command(name="load-geography")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--level", type=click.IntRange(0, 9), help="The admin level of the regions; 0 is the country.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    callback=mapping,
    metavar="NAME=COLUMN",
    help="Where the file holds pcod and name of the level, and admin0pcod, admin1pcod, ... of those above.",
)
@click.option("--layer", help="The layer of the file, if it has several.")
@click.option("--crs", help="The coordinate system of a file that does not state it, such as EPSG:4326.")
@click.option("--bundled", is_flag=True, help="Load the outline of Nepal with synthetic regions.")
@reporting_errors
def load_geography(
    file: Path | None,
    level: int | None,
    fields: dict[str, str],
    layer: str | None,
    crs: str | None,
    bundled: bool,
) -> None:
    """Load the regions of an admin level from a GeoPackage, GeoJSON file or shapefile.

    Makes or replaces the table geography.admin<level>, in one step that nobody sees half done. Results that
    FlowMachine had stored are dropped, since they may rest on the former regions.
    """
    # Reading files needs libraries that take a second to load, which other commands need not wait for.
    from flowdb.geography.load import load_level
    from flowdb.geography.source import read_regions, regions_of_level

    if bundled == (file is not None) or (file is not None and level is None):
        raise click.UsageError("Give FILE and --level, or --bundled.")
    settings = load_settings(ConnectionSettings)
    if file is not None and level is not None:
        levels = {level: regions_of_level(read_regions(file, layer, crs), level, fields)}
    else:
        from flowdb.geography.nepal import bundled_levels

        levels = dict(enumerate(bundled_levels()))
    with connect(settings) as connection:
        for number, regions in levels.items():
            loaded = load_level(connection, regions, number)
            click.echo(f"{loaded.table}: {loaded.regions} regions.")
            if loaded.forgotten_results:
                click.echo(
                    f"{loaded.forgotten_results} stored results dropped: they may rest on former regions."
                )
