"""Make and read tokens with the published token generator that this interpreter has.

Reads one JSON object (keys, roles, what the other release made) and writes one with what came of it.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import jwt as pyjwt

import flowkit_jwt_generator as package
from flowkit_jwt_generator import jwt as names


def made(request: dict[str, Any]) -> dict[str, Any]:
    """Make a token and a key pair."""
    arguments = {
        "flowapi_identifier": request["audience"],
        "flowauth_identifier": "flowauth",
        "username": "somebody",
        "private_key": request["private_key"],
        "lifetime": timedelta(minutes=5),
        "roles": request["roles"],
    }
    return {
        "token": package.generate_token(**arguments),
        "plain token": package.generate_token(**{**arguments, "roles": request["few roles"]}, compress=False),
        "claims": names.compress_claims(request["roles"]),
        "keys": [key.decode() for key in package.generate_keypair()],
    }


def read(request: dict[str, Any]) -> dict[str, Any]:
    """Read a token, keys and claims that the other release made, and what the server publishes."""
    public_key = package.load_public_key(request["public_key"])
    private_key = package.load_private_key(request["encoded_private_key"])
    payload = pyjwt.decode(request["token"], public_key, algorithms=["RS256"], audience=request["audience"])
    return {
        "payload": payload,
        "roles": names.decompress_claims(payload["user_claims"]),
        "claims": [names.decompress_claims(text) for text in request["claims"]],
        "keys fit": private_key.public_key() == public_key,
        "scopes": package.get_all_claims_from_flowapi(request["url"]),
        "audience": names.get_audience_from_flowapi(request["url"]),
        "schemes": list(names.get_security_schemes_from_api_spec(request["url"])),
        "squashed": [list(names.squashed_scopes(scopes)) for scopes in request["scopes"]],
    }


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump({"version": package.__version__, "made": made(asked), "read": read(asked)}, sys.stdout)
