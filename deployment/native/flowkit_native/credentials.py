"""Passwords and keys of an installation: made at first start, each service given only its own."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from flowkit_jwt_generator import generate_keypair

# Which service may read which secret. The owner's directory is for the person who runs the installation:
# the private key signs tokens, and no service needs it.
READERS: dict[str, tuple[str, ...]] = {
    "FLOWDB_POSTGRES_PASSWORD": ("flowdb",),
    "FLOWMACHINE_FLOWDB_PASSWORD": ("flowdb", "flowmachine"),
    "FLOWAPI_FLOWDB_PASSWORD": ("flowdb", "flowapi"),
    "REDIS_PASSWORD": ("redis", "flowmachine"),
    "PUBLIC_JWT_SIGNING_KEY": ("flowapi",),
    "PRIVATE_JWT_SIGNING_KEY": ("owner",),
}


def _write(file: Path, value: str) -> None:
    """Write a secret whole or not at all, never readable by others, not even for a moment."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(value)
        opened.flush()
        os.fsync(opened.fileno())
    part.rename(file)


def _give(directory: Path, name: str, make: Callable[[], str]) -> bool:
    """Put one secret where its readers look; keep the value any of them already has."""
    files = [directory / reader / name for reader in READERS[name]]
    existing = next((file for file in files if file.is_file()), None)
    value = existing.read_text() if existing else make()
    for file in files:
        if not file.is_file():
            _write(file, value)
    return existing is None


def ensure(directory: Path) -> list[str]:
    """Make the secrets that are missing; return the names of the new ones.

    Parameters
    ----------
    directory
        The installation's ``secrets`` directory.
    """
    made = [
        name
        for name in READERS
        if not name.endswith("_JWT_SIGNING_KEY") and _give(directory, name, lambda: secrets.token_urlsafe(24))
    ]
    private_file = directory / "owner" / "PRIVATE_JWT_SIGNING_KEY"
    public_file = directory / "flowapi" / "PUBLIC_JWT_SIGNING_KEY"
    if not (private_file.is_file() and public_file.is_file()):
        # Half a pair is of no use: a pair is made whole, the private part last, so that it marks the end.
        private, public = generate_keypair()
        private_file.unlink(missing_ok=True)
        _write(public_file, public.decode())
        _write(private_file, private.decode())
        made += ["PUBLIC_JWT_SIGNING_KEY", "PRIVATE_JWT_SIGNING_KEY"]
    return made


def read(directory: Path, service: str, name: str) -> str:
    """Return one secret of a service."""
    return (directory / service / name).read_text().strip()
