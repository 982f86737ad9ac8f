"""pytest fixtures for suites that talk to a FlowAPI server.

Loaded in every environment that holds this package, therefore cryptography is imported only when a
fixture is used.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

TokenBuilder = Callable[[dict[str, list[str]]], str]


@pytest.fixture
def private_key() -> "RSAPrivateKey":
    """Private key of the variable ``PRIVATE_JWT_SIGNING_KEY``."""
    from flowkit_jwt_generator.keys import load_private_key

    return load_private_key(os.environ["PRIVATE_JWT_SIGNING_KEY"])


@pytest.fixture
def public_key() -> "RSAPublicKey":
    """Public key of the variable ``PUBLIC_JWT_SIGNING_KEY``."""
    from flowkit_jwt_generator.keys import load_public_key

    return load_public_key(os.environ["PUBLIC_JWT_SIGNING_KEY"])


@pytest.fixture
def private_key_bytes(private_key: "RSAPrivateKey") -> bytes:
    """Private key as PEM, traditional OpenSSL form."""
    from flowkit_jwt_generator.keys import private_key_pem

    return private_key_pem(private_key)


@pytest.fixture
def public_key_bytes(public_key: "RSAPublicKey") -> bytes:
    """Public key as PEM, SubjectPublicKeyInfo form."""
    from flowkit_jwt_generator.keys import public_key_pem

    return public_key_pem(public_key)


def _token_builder(audience: str | None = None) -> TokenBuilder:
    """Return a function from roles to a token; `audience` counts where the variable is not set."""
    from flowkit_jwt_generator.keys import load_private_key
    from flowkit_jwt_generator.tokens import generate_token

    try:
        key = load_private_key(os.environ["PRIVATE_JWT_SIGNING_KEY"])
    except KeyError:
        raise OSError("PRIVATE_JWT_SIGNING_KEY environment variable must be set.") from None
    identifier = os.environ.get("FLOWAPI_IDENTIFIER", audience)

    def token_maker(roles: dict[str, list[str]]) -> str:
        return generate_token(
            flowapi_identifier=identifier,
            username="test",
            private_key=key,
            lifetime=timedelta(seconds=300),
            roles=roles,
        )

    return token_maker


@pytest.fixture
def access_token_builder() -> TokenBuilder:
    """Return a function from roles to a token for user ``test`` that lives five minutes.

    Needs the variable ``PRIVATE_JWT_SIGNING_KEY``; the audience is ``FLOWAPI_IDENTIFIER``.
    """
    return _token_builder()


@pytest.fixture(scope="session")
def session_access_token_builder() -> TokenBuilder:
    """As ``access_token_builder``, for fixtures that live as long as the session."""
    return _token_builder()


@pytest.fixture
def universal_access_token(flowapi_url: str, access_token_builder: TokenBuilder) -> str:
    """Token with every scope of the server named by the suite's own ``flowapi_url`` fixture.

    Its audience is ``FLOWAPI_IDENTIFIER``, or the server's own identifier if that is not set.
    """
    from flowkit_jwt_generator.api_spec import get_security_schemes_from_api_spec

    published = get_security_schemes_from_api_spec(flowapi_url)["token"]
    roles = {"universal_role": list(published["x-security-scopes"])}
    if "FLOWAPI_IDENTIFIER" in os.environ:
        return access_token_builder(roles)
    return _token_builder(published["x-audience"])(roles)
