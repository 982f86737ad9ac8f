"""Tokens, good and bad ones."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from flowkit_jwt_generator import generate_token
from flowkit_jwt_generator.keys import public_key_pem

AUDIENCE = "flowapi.integration.test"


class Signer:
    """Signs tokens with a key pair of its own."""

    def __init__(self) -> None:
        self.private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_key(self) -> str:
        """Return the PEM of the key that tokens are checked with."""
        return public_key_pem(self.private_key.public_key()).decode()

    def token(self, roles: Mapping[str, Collection[str]], **changes: Any) -> str:
        """Sign a token with these roles; ``changes`` are arguments of ``generate_token``."""
        arguments: dict[str, Any] = {
            "flowapi_identifier": AUDIENCE,
            "username": "analyst",
            "private_key": self.private_key,
            "lifetime": timedelta(hours=1),
            "roles": {role: sorted(scopes) for role, scopes in roles.items()},
        }
        return generate_token(**(arguments | changes))

    def headers(self, *scopes: str) -> dict[str, str]:
        """Return the header of a token with one role."""
        return {"Authorization": f"Bearer {self.token({'role': scopes})}"}
