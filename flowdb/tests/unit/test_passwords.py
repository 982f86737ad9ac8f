import base64
import hmac

import pytest

from flowdb.passwords import scram_verifier


def test_the_server_key_gives_the_signature_of_rfc_7677() -> None:
    salt = "W22ZaJ0SNY7soEsUEjb6gQ=="
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    message = f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s={salt},i=4096,c=biws,r={nonce}"
    verifier = scram_verifier("pencil", base64.b64decode(salt))
    assert verifier.startswith(f"SCRAM-SHA-256$4096:{salt}$")
    server_key = base64.b64decode(verifier.rpartition(":")[2])
    signature = hmac.digest(server_key, message.encode(), "sha256")
    assert base64.b64encode(signature) == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def test_salts_differ() -> None:
    assert scram_verifier("pencil") != scram_verifier("pencil")


@pytest.mark.parametrize(("one", "other"), [("a\u00a0b", "a b"), ("I\u00adX", "IX"), ("\u2168", "IX")])
def test_equivalent_passwords_are_the_same(one: str, other: str) -> None:
    assert scram_verifier(one, b"s" * 16) == scram_verifier(other, b"s" * 16)
