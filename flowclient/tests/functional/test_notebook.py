"""What a notebook shows, run by a real kernel."""

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from .slow_server import TOKEN, slow_server

WIDGET = "application/vnd.jupyter.widget-view+json"
BEGIN = """
import warnings
{prologue}
import flowclient
warnings.simplefilter("ignore", UserWarning)
connection = flowclient.connect(url={url!r}, token={token!r})
query = connection.make_api_query({{"query_kind": "dummy_query"}})
query
"""
WITHOUT_WIDGETS = "import sys; sys.modules['ipywidgets'] = None; warnings.simplefilter('error')"


def outputs(url: str, prologue: str = "") -> list[list[dict[str, Any]]]:
    """Run a query in a notebook and return what its cells show."""
    cells = [BEGIN.format(prologue=prologue, url=url, token=TOKEN), "query.get_result(poll_interval=0.01)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_progress_is_a_widget_and_a_query_shows_itself() -> None:
    with slow_server(ready_after=2) as server:
        begin, result = outputs(server.url)
    assert "<b>dummy_query</b>, not run yet" in begin[-1]["data"]["text/html"]
    (bar,) = (output for output in result if WIDGET in output.get("data", {}))
    assert "Parts run" in bar["data"]["text/plain"]
    assert "16" in result[-1]["data"]["text/plain"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_progress_without_widgets_is_text_and_no_warning() -> None:
    with slow_server(ready_after=2) as server:
        _, result = outputs(server.url, WITHOUT_WIDGETS)
    assert any("Parts run" in output.get("text", "") for output in result)
    assert "16" in result[-1]["data"]["text/plain"]
