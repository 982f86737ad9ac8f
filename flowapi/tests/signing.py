"""What the tests' tokens have in common."""

from collections.abc import Callable

AUDIENCE = "TEST_SERVER"

# From roles to a token, and from the scopes of one role to a header.
MakeToken = Callable[..., str]
Bearer = Callable[..., dict[str, str]]
