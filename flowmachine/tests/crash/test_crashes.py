"""A short crash suite; ``make test-crash`` runs the long one."""

from tests.crash.suite import KINDS, run


def test_every_accepted_query_ends_whatever_is_killed() -> None:
    # A violation raises an error that lists what was seen; every kind of kill comes up.
    suite = run(kills=10, seed=1)
    assert set(suite.kills) == set(KINDS)
    assert suite.findings.counts["completed"] > 0
