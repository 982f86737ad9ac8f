"""The page of the operators names every command, option variable and setting."""

from pathlib import Path

import pytest
from pydantic import AliasChoices

from flowdb.cli import main
from flowdb.commands.generate import generate
from flowdb.settings import ServerSettings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def names_of_settings() -> list[str]:
    names: list[str] = []
    for field in ServerSettings.model_fields.values():
        alias = field.validation_alias
        names += (
            [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [str(alias)]
        )
    return names


@pytest.mark.parametrize("name", names_of_settings())
def test_every_variable_is_described(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_described(name: str) -> None:
    assert f"`{name}" in README


@pytest.mark.parametrize("option", [option for option in generate.params if option.envvar], ids=str)
def test_every_variable_of_the_generator_is_described(option) -> None:
    assert f"`{option.envvar}`" in README
