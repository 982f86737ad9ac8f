"""Signed lists of revoked tokens, which the issuer of tokens publishes and FlowAPI servers read.

A list is a JWS in compact form (RFC 7515), signed like a token (RS256, ``kid`` header), with the header
``typ`` = ``flowkit-revocations+jwt`` and these claims:

=========== ========================================================================================
``type``    ``revocations``; no server takes such a thing for an access token
``iat``     when the list was made, in seconds since 1970; of two lists the later one counts
``exp``     until when it may be used; a reader without a list that is current grants nothing
``revoked`` object: id (``jti``) of each revoked token, and when that token ends in seconds since 1970
=========== ========================================================================================

A token that has ended is refused anyway and may be left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt as pyjwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from flowkit_jwt_generator.keys import candidate_keys, key_id

LIST_TYPE = "flowkit-revocations+jwt"


class RevocationsError(ValueError):
    """A text is not a list of revoked tokens that may be used."""


@dataclass(frozen=True)
class Revocations:
    """Revoked tokens as their issuer signed them.

    Attributes
    ----------
    issued, expires
        When the list was made, and until when it may be used; seconds since 1970.
    revoked
        The id of each token, and when the token ends in seconds since 1970.
    """

    issued: int
    expires: int
    revoked: Mapping[str, int]


def sign_revocations(
    revoked: Mapping[str, int],
    *,
    private_key: RSAPrivateKey,
    lifetime: timedelta,
    now: datetime | None = None,
) -> str:
    """Sign a list of revoked tokens.

    Parameters
    ----------
    revoked
        The id (``jti``) of each token, and when the token ends in seconds since 1970.
    private_key
        The key that tokens are signed with.
    lifetime
        How long the list may be used. Publish a new one long before it ends.
    now
        Time of issue; the current time by default.

    Examples
    --------
    >>> from cryptography.hazmat.primitives.asymmetric import rsa
    >>> key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    >>> text = sign_revocations({"3f0c": 1893456000}, private_key=key, lifetime=timedelta(hours=1))
    >>> dict(read_revocations(text, {key_id(key): key.public_key()}).revoked)
    {'3f0c': 1893456000}
    """
    issued = int((now or datetime.now(UTC)).timestamp())
    claims = {
        "type": "revocations",
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "revoked": dict(revoked),
    }
    headers = {"kid": key_id(private_key), "typ": LIST_TYPE}
    return pyjwt.encode(claims, private_key, algorithm="RS256", headers=headers)


def read_revocations(text: str, keys: Mapping[str, RSAPublicKey]) -> Revocations:
    """Check a list's signature, type and times, and read it.

    Parameters
    ----------
    text
        What `sign_revocations` made.
    keys
        Public keys by key id, as `flowkit_jwt_generator.keys.verification_keys` loads them.

    Raises
    ------
    RevocationsError
        If the list is not signed by one of the keys, has ended, or is something else.
    """
    try:
        header = pyjwt.get_unverified_header(text.strip())
        if header.get("typ") != LIST_TYPE:
            raise RevocationsError(f"The header's typ must be {LIST_TYPE!r}, not {header.get('typ')!r}.")
        claims = _verified(text.strip(), candidate_keys(keys, header.get("kid")))
    except pyjwt.InvalidTokenError as error:
        raise RevocationsError(f"{error}.") from error
    revoked = claims.get("revoked")
    if claims.get("type") != "revocations" or not isinstance(revoked, dict):
        raise RevocationsError("The claims must be those of a list of revoked tokens.")
    if not all(isinstance(end, int) and not isinstance(end, bool) for end in revoked.values()):
        raise RevocationsError("Each revoked token must have the time when it ends, in seconds since 1970.")
    return Revocations(issued=int(claims["iat"]), expires=int(claims["exp"]), revoked=revoked)


def _verified(text: str, candidates: list[RSAPublicKey]) -> dict[str, Any]:
    options: Any = {"require": ["iat", "exp"]}
    for key in candidates[:-1]:
        try:
            return pyjwt.decode(text, key, algorithms=["RS256"], options=options)
        except pyjwt.InvalidSignatureError:
            continue
    return pyjwt.decode(text, candidates[-1], algorithms=["RS256"], options=options)
