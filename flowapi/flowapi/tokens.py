"""Access tokens: from an Authorization header to a caller and the roles it holds."""

import hashlib
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from flowapi.errors import ApiError
from flowapi.recent import RecentlyUsed
from flowkit_jwt_generator.claims import ClaimsError, Roles, read_claims
from flowkit_jwt_generator.keys import candidate_keys

ALGORITHM = "RS256"
REMEMBERED_TOKENS = 256
BAD_HEADER = "Bad Authorization header. Expected value 'Bearer <JWT>'"


@dataclass(frozen=True)
class Caller:
    """Who sends a request: the token's subject and the roles the token grants; and the token's id."""

    user: str
    roles: Roles
    token_id: str | None = None


class TokenError(ApiError):
    """A request has no usable token.

    Attributes
    ----------
    event
        Name of the line in the access log.
    claims
        What an expired token said, without its scopes; for the log.
    """

    def __init__(
        self,
        http_status: int,
        msg: str,
        code: str,
        *,
        event: str = "INVALID_TOKEN",
        claims: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(http_status, msg, code, headers={"WWW-Authenticate": "Bearer"})
        self.event = event
        self.claims = claims


def _invalid(msg: str) -> TokenError:
    return TokenError(422, msg, "invalid_token")


def bearer_token(headers: list[str]) -> str:
    """Find the token in the values of a request's Authorization headers.

    Raises
    ------
    TokenError
        If there is no header, more than one, or none of its comma-separated values is ``Bearer <token>``.
    """
    if not headers:
        raise TokenError(401, "Missing Authorization Header", "missing_token", event="UNAUTHORISED")
    if len(headers) > 1:
        # Two headers are a sign of smuggling: a proxy before FlowAPI may have looked at the other one.
        raise _invalid(BAD_HEADER)
    for value in re.split(r",\s*", headers[0]):
        parts = value.split()
        if parts[:1] == ["Bearer"]:
            if len(parts) == 2:
                return parts[1]
            break
    raise _invalid(BAD_HEADER)


def identify(token: str, keys: Mapping[str, RSAPublicKey]) -> tuple[str, float]:
    """Return a token's id and when it ends, whichever server it is for and also if it has ended.

    Raises
    ------
    TokenError
        If none of the keys signed it, or it has no id.
    """
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        for key in candidate_keys(keys, kid if isinstance(kid, str) else None):
            with suppress(jwt.InvalidSignatureError):
                options: Any = {"verify_aud": False, "verify_exp": False, "verify_nbf": False}
                claims = jwt.decode(token, key, algorithms=[ALGORITHM], options=options)
                if not isinstance(claims.get("jti"), str):
                    raise _invalid('Token is missing the "jti" claim')
                return claims["jti"], float(claims.get("exp", inf))
    except (jwt.InvalidTokenError, TypeError, ValueError) as error:
        raise _invalid(str(error)) from error
    raise _invalid("Signature verification failed")


class TokenVerifier:
    """Checks tokens for one FlowAPI server.

    Parameters
    ----------
    keys
        Public keys by key id; a token whose header names one of them is checked with that key alone,
        any other token with each.
    audience
        Identifier of this server, which the token's audience has to be or contain.
    """

    def __init__(self, keys: Mapping[str, RSAPublicKey], audience: str) -> None:
        self._keys = keys
        self._audience = audience
        # A client sends the same token with each poll, and its signature takes long to check.
        self._verified: RecentlyUsed[bytes, tuple[Caller, int]] = RecentlyUsed(REMEMBERED_TOKENS)

    def verify(self, token: str) -> Caller:
        """Check a token's signature, audience, times and claims.

        Raises
        ------
        TokenError
            With the status and text that clients know.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        verified = self._verified.get(digest)
        if verified is not None and time.time() < verified[1]:
            return verified[0]
        claims = self._decode(token)
        caller = self._caller(claims)
        self._verified.remember(digest, (caller, int(claims["exp"])))
        return caller

    def _caller(self, claims: dict[str, Any]) -> Caller:
        if claims.get("type", "access") != "access":
            raise _invalid("Only access tokens are allowed")
        if "user_claims" not in claims:
            raise _invalid("Missing claim: user_claims")
        try:
            roles = read_claims(claims["user_claims"])
        except ClaimsError as error:
            raise _invalid(f"Invalid user_claims: {error}") from error
        return Caller(user=claims["sub"], roles=roles, token_id=claims.get("jti"))

    def _decode(self, token: str) -> dict[str, Any]:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            candidates = candidate_keys(self._keys, kid if isinstance(kid, str) else None)
            for key in candidates[:-1]:
                try:
                    return self._decode_with(key, token)
                except jwt.InvalidSignatureError:
                    continue
            return self._decode_with(candidates[-1], token)
        except jwt.ExpiredSignatureError:
            claims = jwt.decode(token, options={"verify_signature": False})
            claims.pop("user_claims", None)
            raise TokenError(
                401, "Token has expired", "token_expired", event="EXPIRED_TOKEN", claims=claims
            ) from None
        except jwt.InvalidAudienceError as error:
            raise _invalid("Invalid audience") from error
        except jwt.MissingRequiredClaimError as error:
            if error.claim == "sub":
                raise _invalid("Missing claim: sub") from error
            raise _invalid(f'Token is missing the "{error.claim}" claim') from error
        except jwt.InvalidTokenError as error:
            raise _invalid(str(error)) from error

    def _decode_with(self, key: RSAPublicKey, token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=self._audience,
            options={"require": ["exp", "aud", "sub"]},
        )
        return claims
