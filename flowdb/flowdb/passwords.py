"""Passwords: made up where nobody needs to know them, and verified without a server."""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import stringprep
import unicodedata

from flowkit_jwt_generator.settings import secrets_dir

_ITERATIONS = 4096


def make_up_password() -> None:
    """Write a random password into the file that POSTGRES_PASSWORD_FILE names, unless there is a password.

    For servers of synthetic data, whose superuser nobody has to be. A file that cannot be written is
    reported by whoever reads it.
    """
    names = ("FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD")
    file = os.environ.get("POSTGRES_PASSWORD_FILE")
    if not file or any(os.environ.get(name) or (secrets_dir() / name).exists() for name in names):
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(f"{secrets.token_urlsafe(32)}\n")


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """Return what PostgreSQL stores for a password (RFC 5802, RFC 7677).

    Parameters
    ----------
    password
        The password. What cannot be normalised is taken as it is, like the server and libpq do.
    salt
        16 random bytes unless given.
    """
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", _normalised(password).encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def _normalised(password: str) -> str:
    kept = [char for char in password if not stringprep.in_table_b1(char)]
    mapped = "".join(" " if stringprep.in_table_c12(char) else char for char in kept)
    prepared = unicodedata.normalize("NFKC", mapped)
    forbidden = any(
        stringprep.in_table_c21_c22(char) or stringprep.in_table_a1(char) or stringprep.in_table_c3(char)
        for char in prepared
    )
    return password if forbidden or not prepared else prepared
