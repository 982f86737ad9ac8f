"""The catalogue of queries has all of them."""

import catalogue

import flowmachine.features


def test_every_public_query_is_in_the_catalogue() -> None:
    written = catalogue.page()
    queries = set(flowmachine.features.__all__) - {
        "Circle",
        "Direction",
    }  # these are no queries, but parameters of some
    assert [name for name in sorted(queries) if f"### {name}\n" not in written] == []
    assert "`start, stop` | str, date or datetime" in written, "parameters are described"
    assert ":class:" not in written, "references are resolved"
