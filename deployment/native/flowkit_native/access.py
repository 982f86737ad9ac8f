"""How to use a running installation: addresses and tokens."""

from datetime import timedelta

from flowkit_jwt_generator import generate_token, load_private_key
from flowkit_jwt_generator.jwt import get_all_claims_from_flowapi, get_audience_from_flowapi
from flowkit_native import credentials
from flowkit_native.home import Home
from flowkit_native.ports import ADDRESS

LIFETIME = timedelta(days=7)


def api_url(ports: dict[str, int]) -> str:
    """Return the address of FlowAPI."""
    return f"http://{ADDRESS}:{ports['flowapi']}"


def documentation_url(ports: dict[str, int]) -> str:
    """Return the address of FlowAPI's interactive documentation."""
    return f"{api_url(ports)}/api/0/spec/redoc"


def token(home: Home, ports: dict[str, int], username: str, lifetime: timedelta = LIFETIME) -> str:
    """Sign a token that allows everything the running API offers."""
    url = api_url(ports)
    return generate_token(
        flowapi_identifier=get_audience_from_flowapi(url),
        username=username,
        private_key=load_private_key(credentials.read(home.secrets, "owner", "PRIVATE_JWT_SIGNING_KEY")),
        lifetime=lifetime,
        roles={"universal_role": get_all_claims_from_flowapi(url)},
    )


def snippet(ports: dict[str, int], token_text: str, date: str) -> str:
    """Return Python that asks this API for something, ready to paste."""
    return f"""\
import flowclient

connection = flowclient.connect(
    url="{api_url(ports)}",
    token="{token_text}",
)
query = flowclient.spatial_aggregate(
    connection=connection,
    locations=flowclient.daily_location_spec(date="{date}", aggregation_unit="admin3", method="last"),
)
print(query.get_result())"""
