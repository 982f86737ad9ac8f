"""What is remembered, and what is forgotten first."""

from flowapi.recent import RecentlyUsed


def test_the_least_recently_used_is_forgotten_first() -> None:
    recent: RecentlyUsed[str, int] = RecentlyUsed(2)
    recent.remember("a", 1)
    recent.remember("b", 2)
    assert recent.get("a") == 1
    recent.remember("c", 3)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]
