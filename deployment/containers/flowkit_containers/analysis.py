"""What an analyst does with a deployment: dates, a query, and what must be refused."""

import ssl
import warnings
from pathlib import Path

import flowclient
from flowclient import Connection
from flowclient.errors import FlowclientConnectionError
from flowkit_containers.checking import CheckFailedError, expect

# A group is shown only if more contribute to it.
THRESHOLD = 15


def connect(url: str, token: str, certificate: Path | None = None) -> Connection:
    """Connect as an analyst does."""
    with warnings.catch_warnings():
        # Under compose FlowAPI serves this host alone, without TLS.
        warnings.filterwarnings("ignore", "Communications with this server are NOT SECURE")
        return flowclient.connect(
            url=url, token=token, ssl_certificate=str(certificate) if certificate else None
        )


def ask(url: str, token: str, certificate: Path | None = None) -> str:
    """Run a query and expect a redacted result."""
    connection = connect(url, token, certificate)
    dates = flowclient.get_available_dates(connection=connection)["calls"]
    expect(len(dates) == 7, dates)
    locations = flowclient.daily_location_spec(date=dates[2], aggregation_unit="admin3", method="last")
    result = flowclient.spatial_aggregate(connection=connection, locations=locations).get_result()
    smallest = int(result["value"].min())
    expect(len(result) > 5 and smallest > THRESHOLD, f"{len(result)} regions, smallest {smallest}")
    return f"{len(dates)} days; {len(result)} regions, smallest {smallest}"


def expect_distrust(url: str, token: str) -> str:
    """Expect a client that was not given the certificate to refuse the server."""
    try:
        flowclient.get_available_dates(connection=connect(url, token))
    except (FlowclientConnectionError, ssl.SSLError) as error:
        return type(error).__name__
    raise CheckFailedError("A client without the certificate trusted the server.")


def expect_refusal(url: str, certificate: Path) -> str:
    """Expect the server to refuse a token that somebody else signed."""
    import datetime

    from flowkit_jwt_generator import generate_keypair, generate_token, load_private_key

    private, _ = generate_keypair()
    token = generate_token(
        flowapi_identifier="flowapi_server",
        username="stranger",
        private_key=load_private_key(private.decode()),
        lifetime=datetime.timedelta(hours=1),
        roles={"any": ["get_available_dates"]},
    )
    try:
        flowclient.get_available_dates(connection=connect(url, token, certificate))
    except FlowclientConnectionError as error:
        return str(error)[:60]
    raise CheckFailedError("A stranger's token was accepted.")
