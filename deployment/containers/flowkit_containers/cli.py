"""The command ``flowkit-containers``."""

import sys
import time

import click

from flowkit_containers import configurations, images
from flowkit_containers.checking import Checks
from flowkit_containers.compose import Installation, SelectionError
from flowkit_containers.docker import DockerError
from flowkit_containers.engine import engine
from flowkit_containers.settings import ContainerSettings, load
from flowkit_jwt_generator.settings import SettingsError


@click.group()
@click.pass_context
def commands(context: click.Context) -> None:
    """FlowKit in containers: images, one host under compose, tests of the stacks."""
    context.obj = load()


def _build(settings: ContainerSettings, names: tuple[str, ...] = ()) -> None:
    began = time.monotonic()
    built = []
    for image in images.build(settings, names):
        built.append(image)
        click.echo(f"  {settings.image(image.name):<46} {image.megabytes:7.0f} MB {image.seconds:7.1f} s")
    total = time.monotonic() - began
    click.echo(f"{len(built)} images in {total:.0f} s")


@commands.command(name="images")
@click.argument("names", nargs=-1, type=click.Choice([*images.IMAGES, "redis", images.ORACLE]))
@click.pass_obj
def build_images(settings: ContainerSettings, names: tuple[str, ...]) -> None:
    """Build the images NAMES, or all, and tell their sizes and how long each took."""
    with engine(settings.home / "engine"):
        _build(settings, names)


@commands.command()
@click.pass_obj
def up(settings: ContainerSettings) -> None:
    """Start FlowKit on this host, and return when it is well."""
    installation = Installation(settings)
    installation.up(lambda line: click.echo(f"  {line}"))
    click.echo(f"FlowKit is ready: {installation.url}, documented at {installation.url}/api/0/spec/redoc")
    click.echo("A token: make token MODE=compose")


@commands.command()
@click.pass_obj
def down(settings: ContainerSettings) -> None:
    """Stop FlowKit on this host; its data stay."""
    Installation(settings).down()
    click.echo("FlowKit has stopped; its data are kept.")


@commands.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def clean(settings: ContainerSettings, yes: bool) -> None:
    """Stop FlowKit on this host and remove its data and passwords."""
    if not yes:
        click.confirm("Remove all data of FlowKit under compose, and its passwords?", abort=True)
    Installation(settings).down(with_data=True)
    click.echo("FlowKit and its data are gone.")


@commands.command()
@click.pass_obj
def status(settings: ContainerSettings) -> None:
    """Show the containers and whether they are well."""
    states = Installation(settings).states()
    for service, state in sorted(states.items()):
        click.echo(f"{service:<28} {state}")
    if not states:
        click.echo("FlowKit does not run under compose.")


@commands.command()
@click.pass_obj
def logs(settings: ContainerSettings) -> None:
    """Follow the logs of all services."""
    Installation(settings).follow_logs()


@commands.command()
@click.option("--username", default="analyst", show_default=True)
@click.pass_obj
def token(settings: ContainerSettings, username: str) -> None:
    """Print a token for the API on this host, valid for a day."""
    click.echo(Installation(settings).token(username))


@commands.command()
def check() -> None:
    """Check Dockerfiles, compose files and stack files; needs no engine."""
    wrong, skipped = configurations.problems()
    for what in skipped:
        click.echo(f"containers: skipped {what}")
    for problem in wrong:
        click.echo(problem, err=True)
    sys.exit(1 if wrong else 0)


@commands.command()
@click.option(
    "--build/--no-build", default=True, show_default=True, help="Whether to build the images first."
)
@click.pass_obj
def test_stacks(settings: ContainerSettings, build: bool) -> None:
    """Run quickstart, stacks and compose on a real engine, and print a table of checks."""
    from flowkit_containers.compose_checks import check_compose, check_lone_flowdb
    from flowkit_containers.stack_checks import check_stacks

    checks = Checks()
    with engine(settings.home / "engine"):
        if build:
            _build(settings)
        check_stacks(checks, settings)
        check_compose(checks, settings)
        check_lone_flowdb(checks, settings)
    click.echo(f"\n{checks.table()}")
    sys.exit(0 if checks.passed else 1)


def main() -> None:
    """Run the command; what an operator can mend is told in one line."""
    try:
        commands()
    except SettingsError as error:
        click.echo(f"flowkit-containers: {error}", err=True)
        sys.exit(2)
    except (DockerError, SelectionError) as error:
        click.echo(f"flowkit-containers: {error}", err=True)
        sys.exit(1)
