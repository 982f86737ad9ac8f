"""The names that earlier releases kept in one module."""

from flowkit_jwt_generator.api_spec import (
    get_all_claims_from_flowapi,
    get_audience_from_flowapi,
    get_security_schemes_from_api_spec,
)
from flowkit_jwt_generator.claims import compress_claims, decompress_claims
from flowkit_jwt_generator.keys import generate_keypair, load_private_key, load_public_key
from flowkit_jwt_generator.scopes import squash, squashed_scopes
from flowkit_jwt_generator.tokens import generate_token

__all__ = [
    "compress_claims",
    "decompress_claims",
    "generate_keypair",
    "generate_token",
    "get_all_claims_from_flowapi",
    "get_audience_from_flowapi",
    "get_security_schemes_from_api_spec",
    "load_private_key",
    "load_public_key",
    "squash",
    "squashed_scopes",
]
