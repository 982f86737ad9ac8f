"""The command ``flowapi``: the server, and whether it answers."""

import http.client
import logging
import os
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import click
from hypercorn.config import Config
from hypercorn.run import run

from flowapi import __version__
from flowapi.revocation_commands import revoke, revoked
from flowapi.settings import BindSettings, FlowapiSettings
from flowkit_jwt_generator.settings import SettingsError, load_settings

S = TypeVar("S", bound=BindSettings)

HEALTH_PATH = "/api/0/health"
MAX_HEADER_BYTES = 64 * 1024


@click.group(invoke_without_command=True)
@click.version_option(__version__, prog_name="flowapi")
@click.pass_context
def main(context: click.Context) -> None:
    """Serve FlowKit's HTTP interface, configured by secrets and environment variables."""
    if context.invoked_subcommand is None:
        serve()


def serve() -> None:
    """Serve until the process is told to stop; downloads in progress get a little time to end."""
    settings = _load(FlowapiSettings)
    if not settings.secure:
        click.echo("There is no certificate: traffic is not secure.", err=True)
    with _metrics(settings):
        sys.exit(run(server_config(settings)))


@contextmanager
def _metrics(settings: FlowapiSettings) -> Iterator[None]:
    """Serve figures for Prometheus if they are wanted."""
    if settings.metrics_port is None:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="flowapi-metrics-") as directory:
        # Workers find the directory by this; it has to be set before the library is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        from flowapi import metrics

        metrics.serve(settings.metrics_host, settings.metrics_port)
        yield


def server_config(settings: FlowapiSettings) -> Config:
    """Return how Hypercorn is to serve."""
    config = Config()
    config.application_path = "flowapi.main:create_app()"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    config.bind = [f"{host}:{settings.port}"]
    # No worker process of its own is needed for one.
    config.workers = settings.workers if settings.workers > 1 else 0
    # A little longer than requests are given, so that those that are then ended can say so.
    config.graceful_timeout = settings.shutdown_grace + 1
    config.include_server_header = False
    # Room for a token whose claims are not compressed.
    config.h11_max_incomplete_size = MAX_HEADER_BYTES
    # Without a handler of its own, so that its lines are JSON like all others.
    config.errorlog = logging.getLogger("hypercorn.error")
    if settings.secure:
        config.certfile = str(settings.certificate)
        config.keyfile = str(settings.certificate_key)
    return config


@main.command()
@click.option("--ready", is_flag=True, help="Fail also if FlowMachine or FlowDB does not answer.")
@click.option("--timeout", default=10.0, show_default=True, help="Seconds to wait.")
def health(ready: bool, timeout: float) -> None:
    """Say whether the server on this machine answers: exit code 0 if it does."""
    settings = _load(BindSettings)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  not bound
    connection: http.client.HTTPConnection
    if settings.secure:
        # The server is known by its certificate, which need not name this machine's own address.
        context = ssl.create_default_context(cafile=str(settings.certificate))
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        connection = http.client.HTTPSConnection(host, settings.port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, settings.port, timeout=timeout)
    try:
        connection.request("GET", HEALTH_PATH)
        response = connection.getresponse()
        click.echo(response.read().decode())
    except (OSError, http.client.HTTPException) as error:
        click.echo(f"FlowAPI does not answer on {host}:{settings.port}: {error}", err=True)
        sys.exit(1)
    finally:
        connection.close()
    if response.status not in (200, 503) or (ready and response.status != 200):
        sys.exit(1)


main.add_command(revoke)
main.add_command(revoked)


def _load(settings_class: type[S]) -> S:
    try:
        return load_settings(settings_class)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
