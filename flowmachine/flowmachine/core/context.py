"""The engine that queries of this process run on; set by :func:`flowmachine.connect`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flowmachine.core.errors import NotConnectedError
from flowmachine.core.execute import Engine

# Notebooks run every cell in a context of its own, so what connect() sets must outlive one: a plain default.
_default: list[Engine] = []
_scoped: ContextVar[Engine] = ContextVar("flowmachine_engine")


def get_engine() -> Engine:
    """Return the engine in use.

    Raises
    ------
    NotConnectedError
        Before :func:`flowmachine.connect`.
    """
    engine = _scoped.get(None) or (_default[-1] if _default else None)
    if engine is None:
        raise NotConnectedError("Not connected to FlowDB: call flowmachine.connect() first.")
    return engine


def set_engine(engine: Engine | None) -> Engine | None:
    """Make an engine the one in use, or none; return the one it replaces."""
    previous = _default.pop() if _default else None
    if engine is not None:
        _default.append(engine)
    return previous


@contextmanager
def use_engine(engine: Engine) -> Iterator[None]:
    """Use an engine within a block."""
    token = _scoped.set(engine)
    try:
        yield
    finally:
        _scoped.reset(token)
