"""Signed access tokens."""

import uuid
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt as pyjwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from flowkit_jwt_generator.claims import compress_claims, parse_roles
from flowkit_jwt_generator.keys import key_id, load_private_key


def generate_token(
    *,
    flowapi_identifier: str | None = None,
    flowauth_identifier: str | None = None,
    username: str,
    private_key: str | RSAPrivateKey,
    lifetime: timedelta,
    roles: Mapping[str, Sequence[str]],
    compress: bool = True,
    now: datetime | None = None,
) -> str:
    """Make a signed access token (RS256) for FlowAPI.

    Parameters
    ----------
    flowapi_identifier
        Identifier of the FlowAPI server that shall accept the token (its audience). A token without
        one is refused by every server, therefore leaving it out gives a warning.
    flowauth_identifier
        Identifier of the issuer, if it shall be named.
    username
        The token's subject.
    private_key
        RSA private key, or its PEM text (or base64 of that).
    lifetime
        How long the token is valid from now.
    roles
        Role names and the scopes of each.
    compress
        False puts the roles into the token as they are, which makes it several times longer.
    now
        Time of issue; the current time by default.

    Raises
    ------
    flowkit_jwt_generator.claims.ClaimsError
        If roles are not an object of lists of strings.
    ValueError
        If the key cannot be loaded, or there is no user name.
    """
    if flowapi_identifier is None:
        warnings.warn(
            "A token without flowapi_identifier has no audience; no FlowAPI server accepts it.",
            stacklevel=2,
        )
    if not isinstance(username, str) or not username:
        raise ValueError(f"The user name must be text that is not empty, not {username!r}.")
    key = load_private_key(private_key) if isinstance(private_key, str) else private_key
    issued = int((now or datetime.now(UTC)).timestamp())
    granted = parse_roles(roles)
    payload: dict[str, Any] = {
        "iat": issued,
        "nbf": issued,
        "jti": str(uuid.uuid4()),
        "user_claims": compress_claims(granted) if compress else granted,
        "sub": username,
        "exp": issued + int(lifetime.total_seconds()),
    }
    if flowapi_identifier is not None:
        payload["aud"] = flowapi_identifier
    if flowauth_identifier is not None:
        payload["iss"] = flowauth_identifier
    return pyjwt.encode(payload, key, algorithm="RS256", headers={"kid": key_id(key)})
