import pytest

from flowkit_jwt_generator.api_spec import (
    ApiSpecError,
    get_all_claims_from_flowapi,
    get_audience_from_flowapi,
    get_security_schemes_from_api_spec,
)


def test_published_scopes_and_audience_are_read(spec_url: str) -> None:
    assert get_audience_from_flowapi(spec_url) == "DUMMY"
    assert get_all_claims_from_flowapi(f"{spec_url}/") == [
        "dummy_admin:dummy_query:dummy_query",
        "dummy_scope",
    ]
    assert list(get_security_schemes_from_api_spec(spec_url)) == ["token"]


@pytest.mark.parametrize(
    ("path", "reason"), [("/nothing", "404"), ("/html", "JSON"), ("/other", "not a FlowAPI specification")]
)
def test_other_answers_give_a_clear_error(spec_url: str, path: str, reason: str) -> None:
    with pytest.raises(ApiSpecError, match=reason):
        get_audience_from_flowapi(spec_url + path)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no scheme", "http://[::"])
def test_unreachable_server_gives_a_clear_error(url: str) -> None:
    with pytest.raises(ApiSpecError, match="Could not fetch"):
        get_audience_from_flowapi(url)
