"""Fixtures of every suite of this component."""

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture(scope="session")
def keypair() -> tuple[bytes, bytes]:
    """Return a private and a public key (PEM); made once, because it takes a second or more."""
    from flowkit_jwt_generator import generate_keypair

    return generate_keypair()
