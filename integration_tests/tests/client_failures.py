"""What flowclient raises for each way in which things go wrong, by the name that ``failures.py`` gives it."""

CLOSED = "http://127.0.0.1:1"
ERROR = "FlowclientConnectionError"
DENIED = "User claims verification failed"


def failed(text: str) -> tuple[str, str]:
    """Return the expectation of the client's one exception."""
    return ERROR, text


# What the published client raises: its class, and how its text begins. <url> stands for the server.
EXPECTED: dict[str, tuple[str, str]] = {
    "expired, get": failed("Token has expired"),
    "expired, post": failed("Token has expired"),
    "poor, get": failed(DENIED),
    "poor, post": failed(DENIED),
    "poor, geography": failed(DENIED),
    "poor, checks": failed(DENIED),
    "unit that is not there": failed(DENIED),
    "foreign, get": failed(
        "Something went wrong: Invalid audience. API returned with status code: 422 and status "
    ),
    "foreign, post": failed(
        "Something went wrong. API returned with status code 422. Error message: 'Invalid audience"
    ),
    "unknown id": ("FileNotFoundError", "<url>/api/0/poll/no-such-id not found."),
    "check that was not made": (
        "FileNotFoundError",
        "<url>/api/0/qa/calls/no_such_check/2016-01-01 not found.",
    ),
    "post to nowhere": ("FileNotFoundError", "<url>/api/0/nowhere not found."),
    "bad date": failed("Something went wrong: Could not parse tomorrow"),
    "status of an errored query": failed("Something went wrong: "),
    "errored query": failed("Something went wrong: "),
    "result of a running query": failed("Could not get result. API returned with status code: 202."),
    "not a query": failed(
        "Something went wrong. API returned with status code 400. "
        "Error message: 'Could not parse query spec.'."
    ),
    "wrong method": failed("Something went wrong. API returned with status code 400. Error message: '"),
    "range of a histogram": failed(
        "Something went wrong. API returned with status code 400. Error message: '"
    ),
    "connection reassigned": ("AttributeError", ""),
    "unreachable, get": failed(f"Unable to connect to FlowKit API at {CLOSED}: "),
    "unreachable, post": failed(f"Unable to connect to FlowKit API at {CLOSED}: "),
    "no token": failed("Unable to decode token: '"),
    "token of nobody": failed("Token does not contain user identity."),
    "format": ("ValueError", "Invalid format: 'shapefile'. Expected one of {"),
    "never run": ("FileNotFoundError", "Query is not running."),
}
# Where our client does better than the one of the earlier release.
OURS = {
    "foreign, get": failed("Invalid audience"),
    "foreign, post": failed("Invalid audience"),
    "range of a histogram": ("returned", ""),
}
