"""Who may talk to the server: CURVE keys of ZeroMQ, which encrypt as well."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import zmq
import zmq.asyncio
from zmq.auth.asyncio import AsyncioAuthenticator

from flowkit_jwt_generator.settings import SettingsError
from flowmachine.core.settings import EndpointSettings
from flowmachine.server.refusals import Refusals

SERVER_SECRET = "FLOWMACHINE_CURVE_SERVER_SECRET_KEY"  # noqa: S105 - names of settings, not keys
SERVER_PUBLIC = "FLOWMACHINE_CURVE_SERVER_PUBLIC_KEY"
CLIENT_SECRET = "FLOWMACHINE_CURVE_CLIENT_SECRET_KEY"  # noqa: S105
CLIENT_PUBLICS = "FLOWMACHINE_CURVE_CLIENT_PUBLIC_KEYS"


def _public_key(secret: str, name: str) -> bytes:
    try:
        return zmq.curve_public(secret.encode())
    except (ValueError, zmq.ZMQError):
        raise SettingsError(
            f"'{name}' is not a CURVE key: 40 characters, as `flowmachine keys` makes."
        ) from None


@attrs.frozen
class Security:
    """The keys of a server.

    Parameters
    ----------
    secret_key : bytes
        The server's own.
    public_key : bytes
    client_keys : frozenset of bytes
        The public keys of those who may talk to it. The server's own is always among them: it is what
        the health command uses.
    refusals : Refusals
        Tells the log of those who may not.
    """

    secret_key: bytes = attrs.field(repr=False)
    public_key: bytes
    client_keys: frozenset[bytes]
    refusals: Refusals = attrs.field(factory=Refusals, eq=False, repr=False)

    @classmethod
    def from_settings(cls, settings: EndpointSettings) -> "Security | None":
        """Return the security that the settings ask for, if they do.

        Raises
        ------
        SettingsError
            If something is not a key, or if clients are named without a key of the server.
        """
        clients = settings.curve_client_keys.replace(",", " ").split()
        if settings.curve_secret_key is None:
            if clients:
                raise SettingsError(f"'{CLIENT_PUBLICS}' is set, so '{SERVER_SECRET}' has to be set as well.")
            return None
        secret = settings.curve_secret_key.get_secret_value().strip()
        public = _public_key(secret, SERVER_SECRET)
        for key in clients:
            _public_key(key, CLIENT_PUBLICS)  # of the same form as a secret key
        return cls(secret.encode(), public, frozenset({public, *(key.encode() for key in clients)}))

    def protect(self, socket: "zmq.Socket[Any]") -> None:
        """Make a socket accept encrypted connections only."""
        socket.curve_server = True
        socket.curve_secretkey = self.secret_key
        socket.curve_publickey = self.public_key

    def as_client(self, socket: "zmq.Socket[Any]") -> None:
        """Make a socket talk to this very server, as the server itself."""
        socket.curve_serverkey = self.public_key
        socket.curve_secretkey = self.secret_key
        socket.curve_publickey = self.public_key

    def callback(self, domain: str, key: bytes) -> bool:
        """Tell whether a client may connect; called by the authenticator with the key in text form."""
        known = key in self.client_keys
        if not known:  # not secret: it is what an operator who wants to let the client in has to add
            self.refusals.note(f"its public key {key.decode(errors='replace')} is not in {CLIENT_PUBLICS}")
        return known


@contextmanager
def guarded(context: zmq.asyncio.Context, security: Security | None) -> Iterator[None]:
    """Within the block, let only those connect that the security allows."""
    if security is None:
        yield
        return
    authenticator = AsyncioAuthenticator(context)
    authenticator.start()
    authenticator.configure_curve_callback("*", credentials_provider=security)
    try:
        yield
    finally:
        authenticator.stop()


def write_keys(directory: Path) -> list[Path]:
    """Make keys for a server and a client, each in a file named as its setting; return the files.

    Raises
    ------
    FileExistsError
        If one of the files is there already: whoever uses it would be locked out.
    """
    server_public, server_secret = zmq.curve_keypair()
    client_public, client_secret = zmq.curve_keypair()
    keys = {
        SERVER_SECRET: server_secret,
        SERVER_PUBLIC: server_public,
        CLIENT_SECRET: client_secret,
        CLIENT_PUBLICS: client_public,
    }
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / name for name in keys]
    for path in paths:
        if path.exists():
            raise FileExistsError(f"{path} exists already; remove it to make new keys.")
    for path, key in zip(paths, keys.values(), strict=True):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
    return paths
