"""Queries that several tests send, and what they need."""

FLOWS = {"query_kind": "flows", "from_location": {"query_kind": "daily_location"}}
FLOWS_SCOPES = ("admin3:flows:flows", "admin3:flows:daily_location")
PROGRESS = {"eligible": 1, "queued": 0, "running": 1}
SUBSET = {"query_kind": "dummy_query", "aggregation_unit": "admin2"}
UNITS = {"flows": "admin3", "dummy_query": "admin2", "calendar_activity": None}
