"""Which compose files and services a list of names stands for."""

import pytest

from flowkit_containers.compose import SelectionError, selection


def test_names_of_services_are_taken_as_they_are() -> None:
    assert selection("flowdb flowapi") == (["docker-compose.yml"], ["flowdb", "flowapi"])


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("flowdb_testdata", "docker-compose-testdata.yml"),
        ("flowdb_synthetic_data", "docker-compose-syntheticdata.yml"),
    ],
)
def test_the_name_of_the_database_says_which_data(name: str, file: str) -> None:
    assert selection(f"flowapi {name} flowapi") == (["docker-compose.yml", file], ["flowapi", "flowdb"])


def test_two_databases_are_refused() -> None:
    with pytest.raises(SelectionError, match="flowdb, flowdb_testdata"):
        selection("flowdb flowmachine flowdb_testdata")
