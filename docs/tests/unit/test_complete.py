"""The documentation mentions what there is, and says nothing it should not."""

import json
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
PAGES = CHECKOUT / "docs" / "pages"
SETTINGS = {
    "flowdb": CHECKOUT / "flowdb" / "flowdb" / "settings.py",
    "flowmachine": CHECKOUT / "flowmachine" / "flowmachine" / "core" / "settings.py",
    "flowapi": CHECKOUT / "flowapi" / "flowapi" / "settings.py",
}


def names_in(source: str) -> set[str]:
    return set(re.findall(r'"([A-Z][A-Z0-9_]{3,})"', source))


@pytest.mark.parametrize("service", SETTINGS)
def test_every_setting_is_described(service: str) -> None:
    page = (PAGES / "operators" / "settings.md").read_text()
    undescribed = {name for name in names_in(SETTINGS[service].read_text()) if f"`{name}`" not in page}
    assert undescribed == set()


def test_every_target_of_make_is_described() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*): ## ", (CHECKOUT / "Makefile").read_text(), flags=re.M))
    pages = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *PAGES.rglob("*.md")]
    text = "\n".join(page.read_text() for page in pages)
    assert {target for target in targets - {"help"} if f"make {target}" not in text} == set()


@pytest.mark.parametrize("notebook", sorted(PAGES.rglob("*.ipynb")), ids=lambda file: file.stem)
def test_notebooks_are_executed_and_hold_nothing_private(notebook: Path) -> None:
    text = notebook.read_text()
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] in {"error", "stream"}]
    assert not re.search(r"eyJ[A-Za-z0-9_-]{20,}\.", text), "a token"
    assert str(CHECKOUT) not in text
