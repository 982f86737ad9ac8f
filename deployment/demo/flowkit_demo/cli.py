"""The command ``flowkit-demo``."""

import json
import sys
import time
from pathlib import Path

import click
import pandas as pd

import flowclient
from flowclient.maps import moves, regions_from_geojson
from flowkit_demo import worked_example
from flowkit_demo.maps import map_of_flows, map_of_residents
from flowkit_demo.page import write_page
from flowkit_demo.places import with_names

HEAD = 8


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    click.echo(text)
    sys.stdout.flush()


def show(title: str, frame: pd.DataFrame) -> None:
    """Print the first rows of a table."""
    say(f"\n{title} ({len(frame):,} rows)")
    say(frame.head(HEAD).to_string(index=False) if len(frame) else "  (nothing is released: too few people)")


def write_tables(answers: worked_example.Answers, output: Path) -> None:
    """Write each table as CSV."""
    for name in ("residents", "flows", "visitors", "events"):
        getattr(answers, name).to_csv(output / f"{name}.csv", index=False)


@click.command()
@click.option("--url", envvar="FLOWAPI_URL", default="http://127.0.0.1:9090", show_default=True)
@click.option("--output", envvar="FLOWKIT_DEMO_OUTPUT", type=click.Path(path_type=Path), default=Path("maps"))
@click.option("--token", envvar="FLOWAPI_TOKEN", required=True, help="Better given as FLOWAPI_TOKEN.")
def main(url: str, token: str, output: Path) -> None:
    """Ask FlowAPI the questions of the worked example, print the answers, draw the maps."""
    output.mkdir(parents=True, exist_ok=True)
    try:
        answers = worked_example.run(worked_example.connect(url, token), say)
    except (worked_example.NoDataError, flowclient.client.FlowclientConnectionError) as error:
        raise click.ClickException(str(error)) from error
    say("\nDays with data")
    for event_type, days in sorted(answers.dates.items()):
        say(
            f"  {event_type:<8} {len(days)} days, {min(days)} to {max(days)}"
            if days
            else f"  {event_type:<8} none"
        )
    regions = regions_from_geojson(answers.geography)
    for title, table in (
        (f"Subscribers by daily location, {answers.first}", answers.residents),
        (f"Flows from {answers.first} to {answers.other}, between different regions", moves(answers.flows)),
        (f"Different subscribers seen in each region, {answers.first}", answers.visitors),
        (f"Calls and messages by region and hour, {answers.first}", answers.events),
    ):
        show(title, with_names(table, regions))
    write_tables(answers, output)

    say("\nDrawing the maps ...")
    started = time.monotonic()
    residents, flows = map_of_residents(regions, answers), map_of_flows(regions, answers)
    choropleth = residents.save(output / "daily-location.png")
    flow_map = flows.save(output / "flows.png")
    page = write_page(regions, answers, maps=[residents, flows], file=output / "index.html")
    summary = {
        "pictures": [str(choropleth), str(flow_map)],
        "page": str(page),
        "first_date": str(answers.first),
        "seconds": {**answers.seconds, "Draw the maps": time.monotonic() - started},
    }
    (output / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    for question, seconds in summary["seconds"].items():  # type: ignore[attr-defined]
        say(f"  {seconds:5.1f} s  {question}")
    say(f"Wrote {choropleth}, {flow_map}, {page} and the tables as CSV beside them.")
