"""Scopes: which roles grant a request, and the squashed form of early tokens."""

from collections.abc import Iterable, Iterator, Mapping, Sequence


def granting_roles(required: Iterable[str], roles: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names of the roles that each hold every required scope.

    Roles are never combined, and scopes match exactly. No role grants an empty requirement: a
    request for which nothing was required is one that was not understood.

    Examples
    --------
    >>> granting_roles(["run"], {"viewer": ["get_result"], "runner": ["run", "get_result"]})
    ['runner']
    """
    needed = set(required)
    return [role for role, scopes in roles.items() if needed and needed <= set(scopes)]


def missing_scopes(required: Iterable[str], roles: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the scopes that the role nearest to granting a request lacks, sorted; empty if one grants it.

    Examples
    --------
    >>> missing_scopes(["run", "admin3:flows:flows"], {"runner": ["run"]})
    ['admin3:flows:flows']
    """
    needed = set(required)
    lacking = [needed - set(scopes) for scopes in roles.values()]
    nearest = min(lacking, key=len, default=needed)
    return sorted(nearest)


def squash(xs: Iterable[str], ix: int = 0) -> list[str]:
    """Merge scopes of the form ``action&kind.path.value`` that differ in one part only.

    This form belongs to tokens from before FlowKit 1.18; applied to current scopes it makes strings
    that grant nothing. It is kept for programs that still import it.
    """
    merged: dict[tuple[str, str], set[str]] = {}
    deeper = False
    for parts in (x.split("&") for x in xs):
        found = merged.setdefault(("&".join(parts[:ix]), "&".join(parts[ix + 1 :])), set())
        if len(parts) > ix:
            deeper = True
            found.add(parts[ix])
    squashed = sorted(
        {
            "&".join(piece for piece in (prefix, ",".join(sorted(found)), suffix) if piece)
            for (prefix, suffix), found in merged.items()
        }
    )
    return squash(squashed, ix + 1) if deeper else squashed


def squashed_scopes(scopes: list[str]) -> Iterator[str]:
    """Yield the squashed form of scopes; see `squash`."""
    yield from squash(scopes)
