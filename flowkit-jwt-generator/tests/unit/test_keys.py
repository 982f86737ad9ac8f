import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from flowkit_jwt_generator import load_private_key, load_public_key
from flowkit_jwt_generator.keys import (
    candidate_keys,
    key_id,
    private_key_pem,
    public_key_pem,
    verification_keys,
)


def test_generated_keys_have_the_documented_forms(keypair: tuple[bytes, bytes]) -> None:
    private, public = keypair
    assert private.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    assert public.startswith(b"-----BEGIN PUBLIC KEY-----")
    key = load_private_key(private.decode())
    assert key.key_size == 4096
    assert private_key_pem(key) == private
    assert public_key_pem(load_public_key(public.decode())) == public


@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.encodebytes])
def test_base64_layers_load(keypair: tuple[bytes, bytes], layers: int, encode) -> None:
    private, public = keypair
    for _ in range(layers):
        private, public = encode(private), encode(public)
    assert load_private_key(private.decode()).public_key() == load_public_key(public.decode())


def test_carriage_returns_load(keypair: tuple[bytes, bytes]) -> None:
    load_private_key(keypair[0].decode().replace("\n", "\r\n"))
    load_public_key(base64.b64encode(keypair[1].replace(b"\n", b"\r\n")).decode())


@pytest.mark.parametrize(
    "text", ["NOT_A_VALID_KEY", "", " \n", "é", "=", base64.b64encode(b"x" * 99).decode()]
)
@pytest.mark.parametrize("load", [load_private_key, load_public_key, verification_keys])
def test_text_that_is_no_key_is_refused(load, text: str) -> None:
    with pytest.raises(ValueError, match=r"^Failed to load key\.$"):
        load(text)


def test_too_many_layers_are_refused(keypair: tuple[bytes, bytes]) -> None:
    text = keypair[1]
    for _ in range(5):
        text = base64.b64encode(text)
    with pytest.raises(ValueError, match="Failed to load key") as caught:
        load_public_key(text)
    assert caught.value.__cause__ is not None


def test_wrong_half_and_wrong_algorithm_are_refused(keypair: tuple[bytes, bytes]) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    for load, text in [
        (load_private_key, keypair[1]),
        (load_public_key, keypair[0]),
        (load_private_key, curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        (load_public_key, curve.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    ]:
        with pytest.raises(ValueError, match=r"^Failed to load key\.$"):
            load(text.decode())


def test_an_encrypted_key_is_refused_with_the_way_out(keypair: tuple[bytes, bytes]) -> None:
    key = load_private_key(keypair[0])
    for form in (PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8):
        encrypted = key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"passphrase"))
        with pytest.raises(ValueError, match=r"^Failed to load key\.$") as caught:
            load_private_key(encrypted)
        assert "encrypted; remove its passphrase" in str(caught.value.__cause__)


def test_key_id_is_the_thumbprint_of_rfc_7638() -> None:
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiF"
        "V4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9"
        "c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1"
        "jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    n = int.from_bytes(base64.urlsafe_b64decode(modulus + "=="), "big")
    assert key_id(RSAPublicNumbers(65537, n).public_key()) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_both_halves_have_one_name(keypair: tuple[bytes, bytes]) -> None:
    assert key_id(load_private_key(keypair[0])) == key_id(load_public_key(keypair[1]))


def test_several_public_keys_load(keypair: tuple[bytes, bytes]) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    text = keypair[1] + public_key_pem(other)
    for form in (text, base64.encodebytes(text)):
        keys = verification_keys(form.decode())
        assert keys == {key_id(key): key for key in (load_public_key(keypair[1]), other)}
    assert candidate_keys(keys, key_id(other)) == [other]
    assert candidate_keys(keys, None) == candidate_keys(keys, "unknown") == list(keys.values())


def test_one_damaged_key_among_several_is_an_error(keypair: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="Failed to load key"):
        verification_keys(keypair[1] + keypair[1].replace(b"-----END PUBLIC KEY-----", b""))
