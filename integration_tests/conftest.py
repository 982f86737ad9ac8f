"""Fixtures with a real FlowDB; loaded here, before any test module imports what they are made of."""

pytest_plugins = ["flowdb.testing"]
