"""The file of passwords and keys of an installation under compose: made once, readable by its owner alone."""

import base64
import os
import secrets
from pathlib import Path

from dotenv import dotenv_values

from flowkit_jwt_generator import generate_keypair

PASSWORDS = (
    "FLOWDB_POSTGRES_PASSWORD",
    "FLOWMACHINE_FLOWDB_PASSWORD",
    "FLOWAPI_FLOWDB_PASSWORD",
    "REDIS_PASSWORD",
)
KEYS = ("PRIVATE_JWT_SIGNING_KEY", "PUBLIC_JWT_SIGNING_KEY")


def read(file: Path) -> dict[str, str]:
    """Return the values in a file; none if there is no file."""
    return {name: value for name, value in dotenv_values(file, interpolate=False).items() if value}


def ensure(file: Path) -> list[str]:
    """Add the values that are missing; return their names.

    Values that are there stay: the database keeps the passwords it was made with. What else the owner
    wrote into the file stays as well.
    """
    there = read(file)
    new = {name: secrets.token_hex(24) for name in PASSWORDS if name not in there}
    if any(name not in there for name in KEYS):
        private, public = generate_keypair()
        new |= {
            "PRIVATE_JWT_SIGNING_KEY": base64.b64encode(private).decode(),
            "PUBLIC_JWT_SIGNING_KEY": base64.b64encode(public).decode(),
        }
    if "FLOWAPI_IDENTIFIER" not in there:
        new["FLOWAPI_IDENTIFIER"] = "flowkit.local"
    former = file.read_text() if file.exists() else "# Passwords and keys of FlowKit under compose.\n"
    kept = [line for line in former.splitlines() if line.partition("=")[0].strip() not in new]
    part = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write("\n".join([*kept, *(f"{name}={value}" for name, value in new.items())]) + "\n")
    part.replace(file)
    return list(new)
