"""How the command line tells an operator what went wrong: one line and an exit code."""

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click
import psycopg2

from flowdb.errors import FlowDBError
from flowkit_jwt_generator.settings import SettingsError

P = ParamSpec("P")
T = TypeVar("T")
SETTINGS_EXIT = 2


def reporting_errors(function: Callable[P, T]) -> Callable[P, T]:
    """Turn the errors an operator can do something about into one line and an exit code."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except SettingsError as error:
            click.echo(f"flowdb: {error}", err=True)
            sys.exit(SETTINGS_EXIT)
        except FlowDBError as error:
            click.echo(f"flowdb: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            click.echo(f"flowdb: {error}", err=True)
            sys.exit(1)
        except psycopg2.OperationalError as error:
            click.echo(f"flowdb: FlowDB does not answer: {str(error).strip()}", err=True)
            sys.exit(1)
        except psycopg2.Error as error:
            click.echo(f"flowdb: FlowDB refused: {str(error).strip()}", err=True)
            sys.exit(1)

    return wrapped
