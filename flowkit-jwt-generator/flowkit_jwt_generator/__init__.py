"""Signed access tokens for FlowKit."""

from importlib.metadata import version

from flowkit_jwt_generator.jwt import (
    generate_keypair,
    generate_token,
    get_all_claims_from_flowapi,
    load_private_key,
    load_public_key,
)

__version__ = version("flowkit-jwt-generator")

__all__ = [
    "__version__",
    "generate_keypair",
    "generate_token",
    "get_all_claims_from_flowapi",
    "load_private_key",
    "load_public_key",
]
