"""FlowAPI as a client sees it that knows nothing but HTTP."""

import time
from typing import Any

import httpx

Spec = dict[str, Any]
QUERY_SECONDS = 60.0


class Api:
    """A FlowAPI, asked with certain headers.

    Parameters
    ----------
    url
        Where it answers.
    headers
        Sent with every request.
    """

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.client = httpx.Client(base_url=url, headers=headers, timeout=30)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for a path below the prefix."""
        return self.client.get(f"/api/0/{path}", **more)

    def run(self, spec: Any, **more: Any) -> httpx.Response:
        """Send a query."""
        return self.client.post("/api/0/run", json=spec, **more)

    def start(self, spec: Spec) -> str:
        """Send a query that must be accepted; return its id."""
        response = self.run(spec)
        assert response.status_code == 202, response.text
        query_id: str = response.json()["query_id"]
        assert response.headers["location"] == f"/api/0/poll/{query_id}"
        return query_id

    def wait(self, query_id: str, seconds: float = QUERY_SECONDS) -> httpx.Response:
        """Poll until a query is no longer queued or executing; return the last answer."""
        deadline = time.monotonic() + seconds
        while True:
            response = self.get(f"poll/{query_id}")
            if response.status_code != 202 or time.monotonic() > deadline:
                return response
            time.sleep(0.02)

    def complete(self, spec: Spec) -> str:
        """Run a query to its end; return its id."""
        query_id = self.start(spec)
        response = self.wait(query_id)
        assert response.status_code == 303, response.text
        assert response.headers["location"] == f"/api/0/get/{query_id}"
        return query_id

    def rows(self, spec: Spec) -> list[dict[str, Any]]:
        """Run a query to its end; return its rows."""
        query_id = self.complete(spec)
        response = self.get(f"get/{query_id}")
        assert response.status_code == 200, response.text
        body = response.json()
        assert body["query_id"] == query_id
        rows: list[dict[str, Any]] = body["query_result"]
        return rows
