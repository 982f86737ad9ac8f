"""``flowdb backup`` and ``flowdb restore``."""

from pathlib import Path

import click

from flowdb.backup.progress import Progress, readable
from flowdb.commands.errors import reporting_errors
from flowdb.settings import ClusterLocation, ConnectionSettings
from flowkit_jwt_generator.settings import load_settings


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--compress", is_flag=True, help="Keep compressed archives: a fraction of the disk, more time.")
@reporting_errors
def backup(directory: Path, compress: bool) -> None:
    """Copy the running database into DIRECTORY, which must not be there yet.

    Reading and writing go on meanwhile. DIRECTORY appears when the copy is complete and checked against its
    manifest: an interrupted backup leaves none. It can be read by its owner alone, and holds everything the
    database holds: keep it as safe.
    """
    from flowdb.backup.take import take_backup

    made = take_backup(load_settings(ConnectionSettings), directory, compress, _say, Progress)
    click.echo(
        f"Backed up to {directory}: {readable(made.backup_bytes)}, which restore to "
        f"{readable(made.restored_bytes)}, as of {made.taken_at:%Y-%m-%d %H:%M:%S} UTC."
    )


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Check the backup against its manifest, and stop.")
@reporting_errors
def restore(directory: Path, only_check: bool) -> None:
    """Make the cluster in PGDATA, which must be empty, from the backup in DIRECTORY.

    The backup is compared with its manifest before anything is written. `flowdb start` then serves it with
    the settings and passwords of this machine.
    """
    from flowdb.backup.restore import check_backup, restore_backup, settings_by_hand

    if only_check:
        found = check_backup(directory, Progress)
        click.echo(
            f"{directory} is complete and undamaged: FlowDB {found.flowdb_version}, PostgreSQL "
            f"{found.postgresql_version}, as of {found.taken_at:%Y-%m-%d %H:%M:%S} UTC."
        )
        return
    location = load_settings(ClusterLocation)
    found = restore_backup(location, directory, _say, Progress)
    click.echo(
        f"Restored into {location.data_directory}: FlowDB {found.flowdb_version} as of "
        f"{found.taken_at:%Y-%m-%d %H:%M:%S} UTC. Serve it with: flowdb start"
    )
    if by_hand := settings_by_hand(location.data_directory):
        click.echo(f"It brings settings that ALTER SYSTEM had made: {', '.join(by_hand)}.")
