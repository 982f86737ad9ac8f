import numpy as np
import pytest

from flowdb.synthetic.python.binary import Layout, Stream, boolean, hundredths, null, numeric, text, timestamp


def test_a_row_is_count_then_lengths_and_octets() -> None:
    layout = Layout([text("name", 2), boolean("flag"), null("nothing"), timestamp("at"), numeric("amount")])
    row = layout.encode(
        {
            "name": np.array([b"ab"]),
            "flag": np.array([True]),
            "at": np.array([1]),
            "amount": np.array([12_345_678]),
        }
    )
    assert row == (
        b"\x00\x05"
        b"\x00\x00\x00\x02ab"
        b"\x00\x00\x00\x01\x01"
        b"\xff\xff\xff\xff"
        b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01"
        b"\x00\x00\x00\x0c\x00\x02\x00\x01\x00\x00\x00\x00" + (1234).to_bytes(2) + (5678).to_bytes(2)
    )


def test_hundredths_have_two_decimals() -> None:
    row = Layout([hundredths("amount")]).encode({"amount": np.array([12_345_678])})
    assert row == (
        b"\x00\x01\x00\x00\x00\x0e\x00\x03\x00\x01\x00\x00\x00\x02"
        + (12).to_bytes(2)
        + (3456).to_bytes(2)
        + (7800).to_bytes(2)
    )


def test_texts_of_different_lengths_are_cut_to_length() -> None:
    rows = Layout([text("name", 3)]).encode({"name": np.array([b"abc", b"x"])})
    assert rows == b"\x00\x01\x00\x00\x00\x03abc" + b"\x00\x01\x00\x00\x00\x01x"


@pytest.mark.parametrize("value", [-1, 10**8])
def test_numbers_that_do_not_fit_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="Whole numbers"):
        Layout([numeric("amount")]).encode({"amount": np.array([value])})


def test_a_stream_gives_every_octet_once() -> None:
    stream = Stream(iter([b"abc", b"", b"defgh"]))
    parts = []
    while part := stream.read(2):
        parts.append(part)
    assert b"".join(parts) == b"abcdefgh"
    assert stream.read(2) == b""
