"""What a FlowAPI server publishes about its tokens: the audience and the scopes."""

import ssl
from typing import Any


class ApiSpecError(Exception):
    """A FlowAPI specification cannot be fetched, or says nothing about tokens."""


def security_schemes(document: Any, source: str = "The document") -> dict[str, Any]:
    """Return the security schemes of a FlowAPI specification.

    Raises
    ------
    ApiSpecError
        If it is not a FlowAPI specification; `source` names it in the message.
    """
    try:
        schemes = document["components"]["securitySchemes"]
        token = schemes["token"]
        usable = isinstance(token["x-audience"], str) and isinstance(token["x-security-scopes"], list)
    except (KeyError, TypeError):
        usable = False
    if not usable:
        raise ApiSpecError(
            f"{source} is not a FlowAPI specification: it has no audience and scopes of tokens."
        )
    return dict(schemes)


def get_security_schemes_from_api_spec(
    flowapi_url: str, *, verify: ssl.SSLContext | bool = True, timeout: float = 30.0
) -> dict[str, Any]:
    """Fetch the security schemes of a FlowAPI server.

    Parameters
    ----------
    flowapi_url
        Address of the server, for instance ``https://flowapi.example.org``.
    verify
        How to check the server's certificate, as httpx takes it.
    timeout
        Seconds to wait for each step of the exchange.

    Raises
    ------
    ApiSpecError
        If the server cannot be reached or its answer is not a FlowAPI specification.
    """
    import httpx  # Only needed where a server is asked; services that sign and verify do without.

    url = f"{flowapi_url.rstrip('/')}/api/0/spec/openapi.json"
    try:
        response = httpx.get(url, verify=verify, timeout=timeout)
        response.raise_for_status()
        document = response.json()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ApiSpecError(f"Could not fetch {url}: {error}") from error
    except ValueError as error:
        raise ApiSpecError(f"{url} did not answer with JSON.") from error
    return security_schemes(document, url)


def get_all_claims_from_flowapi(flowapi_url: str) -> list[str]:
    """Return every scope that a FlowAPI server can grant."""
    return list(get_security_schemes_from_api_spec(flowapi_url)["token"]["x-security-scopes"])


def get_audience_from_flowapi(flowapi_url: str) -> str:
    """Return the identifier of a FlowAPI server, which is the audience of its tokens."""
    return str(get_security_schemes_from_api_spec(flowapi_url)["token"]["x-audience"])
