"""Role claims: roles and their scopes, and the compressed text that a token carries them in."""

import base64
import binascii
import gzip
import io
import json
import zlib
from collections.abc import Mapping

Roles = dict[str, list[str]]

# A role with every scope of a server takes about 30 kB; a token is read before its size is known.
MAX_CLAIMS_BYTES = 1_000_000


class ClaimsError(ValueError):
    """The claims of a token are damaged, too large, or not an object of roles and scope lists."""


def parse_roles(claims: object) -> Roles:
    """Check that claims are an object of role name to list of scopes, and copy them.

    Raises
    ------
    ClaimsError
        If they are anything else.
    """
    if not isinstance(claims, Mapping):
        raise ClaimsError(
            f"Roles must be an object of role names to lists of scopes, not {type(claims).__name__}."
        )
    roles: Roles = {}
    for role, scopes in claims.items():
        if not isinstance(role, str):
            raise ClaimsError(f"A role name must be a string, not {role!r}.")
        if not isinstance(scopes, list | tuple) or not all(isinstance(scope, str) for scope in scopes):
            raise ClaimsError(f"The scopes of role {role!r} must be a list of strings.")
        roles[role] = list(scopes)
    return roles


def compress_claims(claims: object) -> str:
    r"""Compress claims to the text that a token carries: JSON, gzip, base64 in lines of 76 characters.

    The header of gzip holds no time and always the same system (3, Unix), so that equal claims give
    equal text, whatever Python and machine.

    Examples
    --------
    >>> decompress_claims(compress_claims({"viewer": ["get_result"]}))
    {'viewer': ['get_result']}
    """
    compressed = gzip.compress(json.dumps(claims).encode("ascii"), compresslevel=9, mtime=0)
    return base64.encodebytes(compressed[:9] + b"\x03" + compressed[10:]).decode("ascii")


def decompress_claims(claims: str) -> Roles:
    """Read the compressed claims of a token.

    Parameters
    ----------
    claims
        The value of ``user_claims``; line breaks and other characters outside base64 are skipped.

    Raises
    ------
    ClaimsError
        If the text is damaged, inflates to more than `MAX_CLAIMS_BYTES`, or does not hold roles.
    """
    if not isinstance(claims, str):
        raise ClaimsError(f"Compressed claims must be text, not {type(claims).__name__}.")
    try:
        compressed = base64.b64decode(claims)
        if not compressed:
            raise ClaimsError("The claims are empty.")
        with gzip.GzipFile(fileobj=io.BytesIO(compressed)) as stream:
            text = stream.read(MAX_CLAIMS_BYTES + 1)
        if len(text) > MAX_CLAIMS_BYTES:
            raise ClaimsError(f"The claims are larger than {MAX_CLAIMS_BYTES} bytes.")
        return parse_roles(json.loads(text))
    except ClaimsError:
        raise
    except (binascii.Error, OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise ClaimsError("The claims cannot be decompressed.") from error


def read_claims(claims: object) -> Roles:
    """Read the ``user_claims`` of a token, compressed or plain.

    Raises
    ------
    ClaimsError
        As `decompress_claims` and `parse_roles`.
    """
    return decompress_claims(claims) if isinstance(claims, str) else parse_roles(claims)
