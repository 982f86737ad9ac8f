"""RSA keys: loading, making and naming them."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

K = TypeVar("K", RSAPrivateKey, RSAPublicKey)

# Deployments encode keys once to fit them into a variable, and sometimes a second time by mistake.
MAX_BASE64_LAYERS = 3
_PEM_BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)


def _parse_private(pem: bytes) -> RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except TypeError:
        # Services start unattended; a passphrase would have to lie beside the key.
        raise ValueError("the key is encrypted; remove its passphrase with: openssl rsa -in KEY") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def _parse_public(pem: bytes) -> RSAPublicKey:
    key = serialization.load_pem_public_key(pem)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def _pem_text(key_string: str | bytes) -> str:
    """Undo base64 layers until PEM text shows."""
    text = key_string.decode("ascii", "replace") if isinstance(key_string, bytes) else key_string
    for _ in range(MAX_BASE64_LAYERS + 1):
        if "-----BEGIN" in text:
            return text
        try:
            text = base64.b64decode("".join(text.split()), validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            break
    # The text is not shown: it may be a private key that was pasted badly.
    raise ValueError("neither PEM text nor base64-encoded PEM text")


def _load(key_string: str | bytes, parse: Callable[[bytes], K]) -> K:
    try:
        return parse(_pem_text(key_string).strip().encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("Failed to load key.") from error


def load_private_key(key_string: str | bytes) -> RSAPrivateKey:
    """Load an RSA private key.

    Parameters
    ----------
    key_string
        Unencrypted PEM text, or base64 of it.

    Raises
    ------
    ValueError
        ``Failed to load key.``; the cause says why.
    """
    return _load(key_string, _parse_private)


def load_public_key(key_string: str | bytes) -> RSAPublicKey:
    """Load an RSA public key.

    Parameters
    ----------
    key_string
        PEM text (SubjectPublicKeyInfo), or base64 of it.

    Raises
    ------
    ValueError
        ``Failed to load key.``; the cause says why.
    """
    return _load(key_string, _parse_public)


def generate_keypair() -> tuple[bytes, bytes]:
    """Make an RSA key pair of 4096 bits.

    Returns
    -------
    tuple of bytes
        Private key (PEM, traditional OpenSSL form, not encrypted) and public key (PEM, SubjectPublicKeyInfo).
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=4096)
    return private_key_pem(key), public_key_pem(key.public_key())


def private_key_pem(key: RSAPrivateKey) -> bytes:
    """Return the key as PEM in the traditional OpenSSL form, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def public_key_pem(key: RSAPublicKey) -> bytes:
    """Return the key as PEM in the SubjectPublicKeyInfo form."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(key: RSAPrivateKey | RSAPublicKey) -> str:
    """Name a key by its RFC 7638 thumbprint, which both halves of a pair share.

    The name is the ``kid`` header of every token, so that a verifier that holds several public keys
    knows which one to use.
    """
    numbers = (key.public_key() if isinstance(key, RSAPrivateKey) else key).public_numbers()
    members = {"e": _base64url_integer(numbers.e), "kty": "RSA", "n": _base64url_integer(numbers.n)}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    return _base64url(hashlib.sha256(canonical).digest())


def _base64url_integer(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def verification_keys(text: str | bytes) -> dict[str, RSAPublicKey]:
    """Load every public key of a text, by key id.

    Parameters
    ----------
    text
        One or more PEM public keys one after another, or base64 of that. A server given both the old
        and the new key accepts tokens of either while a key is being replaced.

    Raises
    ------
    ValueError
        ``Failed to load key.`` if there is no key in the text, or one that cannot be read.
    """
    try:
        pem = _pem_text(text)
    except ValueError as error:
        raise ValueError("Failed to load key.") from error
    blocks = [match.group(0) for match in _PEM_BLOCK.finditer(pem)]
    if not blocks or len(blocks) != pem.count("-----BEGIN"):
        raise ValueError("Failed to load key.")
    keys = [load_public_key(block) for block in blocks]
    return {key_id(key): key for key in keys}


def candidate_keys(keys: Mapping[str, RSAPublicKey], kid: str | None) -> list[RSAPublicKey]:
    """Return the keys that may verify a token with this ``kid`` header.

    A token without the header (from an earlier release), or with a name given by someone else's
    convention, may have been signed by any of them.
    """
    return [keys[kid]] if kid is not None and kid in keys else list(keys.values())
