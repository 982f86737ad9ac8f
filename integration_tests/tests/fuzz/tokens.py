"""Tokens that must open nothing, one that opens everything, and those that lack one scope."""

import base64
import json
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from signing import Signer

VALID, SCOPELESS, LACKING_ONE = "valid", "no scopes", "lacking one"
REFUSED = {
    "none": 401,
    "expired": 401,
    "foreign key": 422,
    "tampered": 422,
    "alg none": 422,
    "other audience": 422,
}
"""The status that each kind of bad token is answered with, whatever is asked for."""

DAY = timedelta(days=1)


def _encoded(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _decoded(part: str) -> dict[str, object]:
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


class Tokens:
    """Headers by kind of token.

    Parameters
    ----------
    signer
        Whose key the server trusts.
    scopes
        Every scope that the server grants.
    """

    def __init__(self, signer: Signer, scopes: Iterable[str]) -> None:
        self._signer = signer
        self._scopes = frozenset(scopes)
        roles = {"everything": self._scopes}
        valid = signer.token(roles, lifetime=DAY)
        header, claims, signature = valid.split(".")
        promoted = _encoded(_decoded(claims) | {"sub": "somebody else"})
        self._tokens = {
            VALID: valid,
            "expired": signer.token(roles, lifetime=timedelta(seconds=-5)),
            "foreign key": Signer().token(roles),
            "tampered": f"{header}.{promoted}.{signature}",
            "alg none": f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}.",
            "other audience": signer.token(roles, flowapi_identifier="another.server"),
            SCOPELESS: signer.token({"nothing": (), "more of it": ()}, lifetime=DAY),
        }

    def headers(self, kind: str) -> dict[str, str]:
        """Return the headers of a kind of token."""
        return {"Authorization": f"Bearer {self._tokens[kind]}"} if kind != "none" else {}

    @lru_cache(maxsize=10_000)  # noqa: B019 - lives as long as the run
    def lacking(self, scope: str, alone: bool) -> dict[str, str]:
        """Return the headers of a token with all scopes but one; that is in another role, unless alone."""
        roles = {"most": self._scopes - {scope}} | ({} if alone else {"the rest": {scope}})
        token = self._signer.token(roles, lifetime=DAY)
        return {"Authorization": f"Bearer {token}"}
