"""The list of components is read and names are checked."""

from pathlib import Path

import pytest

from flowkit_tools.components import SHORT_NAMES, UnknownComponentError, all_components, chosen_components
from flowkit_tools.locks import environments_only, local_packages


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("tools", "lower", "deployment/upper"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "tools/components.txt").write_text(
        "# order\nlower lower\nupper deployment/upper\nlater later\n"
    )
    (tmp_path / "lower/pyproject.toml").write_text("[project]\nname = 'lower'\n")
    (tmp_path / "deployment/upper/pyproject.toml").write_text(
        "[project]\nname = 'upper'\n[tool.uv.sources]\nlower = { path = '../../lower' }\n"
    )
    return tmp_path


def test_components_come_in_order_and_only_if_they_exist(checkout: Path) -> None:
    assert [component.name for component in all_components(checkout)] == ["lower", "upper"]


def test_named_components_are_chosen(checkout: Path) -> None:
    (component,) = chosen_components(("upper",), checkout)
    assert component.python == checkout / "deployment/upper/.venv/bin/python"


def test_a_short_name_is_a_name_of_a_component() -> None:
    """Of the real list, so that a component that is renamed takes its short name along."""
    assert SHORT_NAMES.keys() == {"jwt"}
    for short, name in SHORT_NAMES.items():
        assert [component.name for component in chosen_components((short,))] == [name]


def test_an_unknown_name_is_refused_with_the_known_ones(checkout: Path) -> None:
    with pytest.raises(UnknownComponentError, match=r"No component is called uper\. Known: lower, upper"):
        chosen_components(("uper",), checkout)


def test_local_packages_are_left_out_of_locks(checkout: Path) -> None:
    assert local_packages(checkout / "deployment/upper") == ["lower"]


def test_environments_inside_a_component_are_locked_with_it(checkout: Path) -> None:
    project = checkout / "deployment/upper/pyproject.toml"
    project.write_text("[tool.flowkit]\nuses-environments-of = ['../../lower', 'published']\n")
    assert environments_only(checkout / "deployment/upper") == [checkout / "deployment/upper/published"]
    assert environments_only(checkout / "lower") == []
