"""The components of the repository, as ``tools/components.txt`` lists them."""

from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent

SHORT_NAMES = {"jwt": "flowkit-jwt-generator"}
"""Names that are accepted for others."""


@dataclass(frozen=True)
class Component:
    """One installable part of FlowKit.

    Parameters
    ----------
    name
        What it is called in ``make test-<name>``.
    directory
        Where its ``pyproject.toml`` is.
    """

    name: str
    directory: Path

    @property
    def python(self) -> Path:
        """The interpreter of the component's environment."""
        return self.directory / ".venv" / "bin" / "python"


class UnknownComponentError(Exception):
    """A component was named that the repository does not have."""


def all_components(checkout: Path = CHECKOUT) -> list[Component]:
    """Return the components in the order in which their tests run."""
    lines = (checkout / "tools" / "components.txt").read_text().splitlines()
    pairs = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    listed = (Component(name, checkout / directory) for name, directory in pairs)
    return [component for component in listed if (component.directory / "pyproject.toml").is_file()]


def chosen_components(names: tuple[str, ...], checkout: Path = CHECKOUT) -> list[Component]:
    """Return the named components, or all of them if none is named; `SHORT_NAMES` are names too.

    Raises
    ------
    UnknownComponentError
        If a name is not in the list.
    """
    names = tuple(SHORT_NAMES.get(name, name) for name in names)
    known = {component.name: component for component in all_components(checkout)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownComponentError(f"No component is called {', '.join(unknown)}. Known: {', '.join(known)}")
    return [known[name] for name in names] if names else list(known.values())
