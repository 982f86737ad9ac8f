"""Fixtures of every test: a real FlowDB and a real Redis."""

pytest_plugins = ["flowdb.testing"]
