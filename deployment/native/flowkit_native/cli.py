"""The command ``flowkit-native``, which the Makefile calls."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

import click

from flowkit_jwt_generator.settings import SettingsError, load_settings
from flowkit_native import access, demo, programs, supervision
from flowkit_native.installation import Installation, NotReadyError
from flowkit_native.ports import NoFreePortError
from flowkit_native.programs import PROGRAMS
from flowkit_native.settings import NativeSettings
from flowkit_native.waiting import ProgramFailedError

EXPECTED = (
    NotReadyError,
    NoFreePortError,
    ProgramFailedError,
    PermissionError,
    demo.StepFailedError,
    supervision.SupervisionError,
)


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    click.echo(text)
    sys.stdout.flush()


def in_words(command: Callable[..., None]) -> Callable[..., None]:
    """Turn expected failures into a message on stderr and exit code 1 (2 for unusable settings)."""

    @wraps(command)
    def wrapped(*arguments: object, **options: object) -> None:
        try:
            command(Installation(load_settings(NativeSettings)), *arguments, **options)
        except SettingsError as error:
            click.echo(str(error), err=True)
            sys.exit(2)
        except EXPECTED as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)

    return wrapped


@click.group()
def main() -> None:
    """Run FlowKit on this machine, without containers."""


@main.command()
@in_words
def preflight(installation: Installation) -> None:
    """Check that FlowKit can be started; change nothing."""
    installation.preflight()
    say(f"Ready to start in {installation.home.path}")


@main.command()
@in_words
def prepare(installation: Installation) -> None:
    """Make passwords and keys and choose ports; start nothing."""
    installation.home.path.mkdir(parents=True, exist_ok=True)
    installation.prepare(say)


@main.command()
@in_words
def up(installation: Installation) -> None:
    """Start FlowKit in the background and wait until it answers."""
    installation.up(say)
    say(f"FlowKit is up. API: {access.api_url(installation.ports)}")
    say(f"Documentation of the API: {access.documentation_url(installation.ports)}")
    say("A token: deployment/native/.venv/bin/flowkit-native token. To stop: make down")


@main.command()
@in_words
def down(installation: Installation) -> None:
    """Stop what `up` started, and nothing else."""
    ran, strays = installation.down()
    if strays:
        say(f"Ended {strays} processes that had outlived their supervisor")
    say("FlowKit is stopped." if ran or strays else "FlowKit was not running.")


@main.command()
@in_words
def status(installation: Installation) -> None:
    """Show what runs, where, and whether it is well."""
    rows = installation.rows_of_status()
    for title, address, state, details in rows:
        say(f"{title:<12} {address:<18} {state:<10} {details}")
    if any(state != "well" for _, _, state, _ in rows):
        sys.exit(3)


@main.command()
@click.option("--follow", is_flag=True, help="Keep showing new lines until interrupted.")
@click.option("--lines", default=20, show_default=True, help="How many lines of each log to begin with.")
@click.argument("names", nargs=-1, type=click.Choice([program.name for program in PROGRAMS]))
@in_words
def logs(installation: Installation, follow: bool, lines: int, names: tuple[str, ...]) -> None:
    """Show the logs of the services NAMES, or of all."""
    files = [installation.home.logs / f"{program.name}.log" for program in PROGRAMS]
    chosen = [file for file in files if file.is_file() and (not names or file.stem in names)]
    if not chosen:
        say("There are no logs yet.")
        return
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), "--", *map(str, chosen)]
    if follow:
        os.execvp(command[0], command)  # noqa: S606 - tail takes the place of this process
    subprocess.run(command, check=False)


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@in_words
def clean(installation: Installation, yes: bool) -> None:
    """Stop FlowKit and remove its data, secrets and logs."""
    home = installation.home
    if not yes:
        click.confirm(f"Remove the database, secrets and logs in {home.path}?", abort=True)
    installation.down()
    removed = home.remove_data()
    say(
        f"Removed {', '.join(path.name for path in removed)} from {home.path}"
        if removed
        else "Nothing to remove."
    )


@main.command()
@click.option("--username", default="demo", show_default=True)
@click.option("--days", default=7, show_default=True, help="Lifetime of the token.")
@in_words
def token(installation: Installation, username: str, days: int) -> None:
    """Print a token that allows everything the running API offers."""
    click.echo(access.token(installation.home, installation.ports, username, timedelta(days=days)))


@main.command(name="exec", context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@in_words
def exec_command(installation: Installation, command: tuple[str, ...]) -> None:
    """Run COMMAND with FLOWAPI_URL and FLOWAPI_TOKEN set to the running API and a token for it."""
    os.environ["FLOWAPI_URL"] = access.api_url(installation.ports)
    os.environ["FLOWAPI_TOKEN"] = access.token(installation.home, installation.ports, "demo")
    os.execvp(command[0], command)  # noqa: S606 - the command takes the place of this process


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@in_words
def bench(installation: Installation, options: tuple[str, ...]) -> None:
    """Time queries on the running API; drops stored results. OPTIONS are those of flowkit-bench."""
    script = installation.home.checkout / "benchmarks" / ".venv" / "bin" / "flowkit-bench"
    environment = {
        # Dropping results is the superuser's right.
        **programs.environment_of("flowdb", installation.home, installation.environment()),
        "FLOWAPI_URL": access.api_url(installation.ports),
        "FLOWAPI_TOKEN": access.token(installation.home, installation.ports, "bench"),
    }
    sys.exit(subprocess.run([script, *options], env=environment, check=False).returncode)


@main.command(name="demo")
@in_words
def demo_command(installation: Installation) -> None:
    """Start FlowKit, load synthetic data, run the worked example, draw its maps."""
    demo.run(installation, say)
