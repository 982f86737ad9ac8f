"""What an analyst does with a deployment: dates, a query, and what must be refused."""

import warnings
from datetime import timedelta
from pathlib import Path

import flowclient
from flowclient import Connection
from flowclient.errors import FlowclientConnectionError
from flowkit_containers.checking import CheckFailedError, expect
from flowkit_jwt_generator import generate_keypair, generate_token, load_private_key

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


def ask(url: str, token: str, certificate: Path | None = None, day: int = 2) -> str:
    """Run a query and expect a redacted result.

    Parameters
    ----------
    url, token, certificate
        How to connect.
    day
        Which of the seven days to ask about: one that was not asked about before has to be computed.
    """
    connection = connect(url, token, certificate)
    dates = flowclient.get_available_dates(connection=connection)["calls"]
    expect(len(dates) == 7, dates)
    locations = flowclient.daily_location_spec(date=dates[day], aggregation_unit="admin3", method="last")
    result = flowclient.spatial_aggregate(connection=connection, locations=locations).get_result()
    smallest = int(result["value"].min())
    regions = flowclient.get_geography(connection=connection, aggregation_unit="admin3")["features"]
    found = f"{len(result)} of {len(regions)} regions shown, smallest {smallest}"
    expect(5 < len(result) < len(regions) and smallest > THRESHOLD, found)
    return found


def expect_distrust(url: str, token: str) -> str:
    """Expect a client that was not given the certificate to refuse the server."""
    try:
        flowclient.get_available_dates(connection=connect(url, token))
    except FlowclientConnectionError as error:
        expect("certificate" in str(error).lower(), error)
        return type(error).__name__
    raise CheckFailedError("A client without the certificate trusted the server.")


def expect_refusal(url: str, certificate: Path) -> str:
    """Expect the server to refuse a token that somebody else signed."""
    private, _ = generate_keypair()
    token = generate_token(
        flowapi_identifier="flowapi_server",
        username="stranger",
        private_key=load_private_key(private.decode()),
        lifetime=timedelta(hours=1),
        roles={"any": ["get_available_dates"]},
    )
    try:
        flowclient.get_available_dates(connection=connect(url, token, certificate))
    except FlowclientConnectionError as error:
        return str(error)[:60]
    raise CheckFailedError("A stranger's token was accepted.")
