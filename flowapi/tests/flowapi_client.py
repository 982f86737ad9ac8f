"""Requests that several tests make, and what they expect."""

import httpx
from quart.typing import TestClientProtocol as Client
from signing import Bearer

GET_SCOPES = ("get_result", "admin3:dummy_query:dummy_query", "admin3:geography:geography")


async def get_result(client: Client, bearer: Bearer, path: str) -> bytes:
    """Return the body of a result that is there."""
    response = await client.get(f"/api/0/get/{path}", headers=bearer(*GET_SCOPES))
    assert response.status_code == 200, await response.get_data()
    body: bytes = await response.get_data()
    return body


def refused(response: httpx.Response, status: int = 422) -> None:
    """Check that there is a refusal and nothing else."""
    assert response.status_code == status, response.text
    assert set(response.json()) <= {"msg", "code", "status", "detail", "missing_scopes"}
    assert "2016-01-01" not in response.text
