"""The command ``flowkit-demo``."""

import json
import sys
import time
from pathlib import Path

import click
import pandas as pd

import flowclient
from flowkit_demo import worked_example
from flowkit_demo.choropleth import draw_choropleth
from flowkit_demo.flow_map import SHOWN, draw_flows, moves, share_that_stayed
from flowkit_demo.page import write_page
from flowkit_demo.places import regions_from_geojson, with_names

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
    choropleth = draw_choropleth(
        regions,
        answers.residents,
        title="Where people ended the day",
        subtitle=f"Subscribers by the region of their last call or message, {answers.first:%A, %-d %B %Y}",
        file=output / "daily-location.png",
    )
    flow_map = draw_flows(
        regions,
        answers.flows,
        title="Who went where",
        subtitle=(
            f"The {min(SHOWN, len(moves(answers.flows)))} largest flows between regions, from "
            f"{answers.first:%A, %-d %B} to {answers.other:%A, %-d %B %Y}, by last call or message.\n"
            f"{share_that_stayed(answers.flows):.0%} of those counted were in the same region on both days."
        ),
        file=output / "flows.png",
    )
    page = write_page(regions, answers, choropleth=choropleth, flow_map=flow_map, file=output / "index.html")
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
