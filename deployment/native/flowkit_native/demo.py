"""``make demo``: from nothing to aggregates on a map."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flowkit_native import access, programs
from flowkit_native.installation import Installation, Say

# How much data the demo makes unless the environment says otherwise.
AMOUNTS = {"N_SUBSCRIBERS": "10000", "N_CALLS": "100000", "N_SMS": "100000", "N_DAYS": "7"}
# People who commute make the better map. The seeds are those of the pictures in the documentation.
DATA = {
    "SYNTHETIC_DATA_GENERATOR": "python",
    "N_TACS": "200",
    "SUBSCRIBERS_SEED": "12345",
    "CALLS_SEED": "22222",
    "CELLS_SEED": "99999",
}


class StepFailedError(Exception):
    """A step of the demo failed; what it said is on the terminal already."""


@dataclass
class Steps:
    """How long each step took."""

    say: Say
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step and time it."""
        self.say(f"\n== {title}")
        started = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - started


def _run(command: list[str | Path], environment: dict[str, str], what: str) -> None:
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        raise StepFailedError(f"{what} failed; its messages are above.")


def run(installation: Installation, say: Say) -> None:
    """Run the whole demo; safe to repeat.

    Raises
    ------
    StepFailedError
        If a program that the demo runs fails.
    """
    steps = Steps(say)
    home = installation.home
    amounts = {name: os.environ.get(name) or value for name, value in AMOUNTS.items()}
    with steps.step("Start FlowKit"):
        installation.up(say)
    ports = installation.ports
    flowdb = home.checkout / "flowdb" / ".venv" / "bin" / "flowdb"
    environment = {
        **programs.environment_of("flowdb", home, installation.environment()),
        **DATA,
        **amounts,
    }
    # It loads the bundled geography first if there is none, and keeps what there is: days and regions.
    title = (
        f"Load geography and make {amounts['N_DAYS']} days of synthetic data: "
        f"{int(amounts['N_SUBSCRIBERS']):,} subscribers, "
        f"{int(amounts['N_CALLS']):,} calls and {int(amounts['N_SMS']):,} sms a day"
    )
    with steps.step(title):
        _run([flowdb, "generate"], environment, "Making synthetic data")
    token = access.token(home, ports, "demo")
    with steps.step("Run the worked example through FlowAPI"):
        _run(
            [home.checkout / "deployment" / "demo" / ".venv" / "bin" / "flowkit-demo"],
            {
                **{
                    name: os.environ[name]
                    for name in ("PATH", "LANG", "TERM", "COLUMNS")
                    if name in os.environ
                },
                "FLOWAPI_URL": access.api_url(ports),
                "FLOWAPI_TOKEN": token,
                "FLOWKIT_DEMO_OUTPUT": str(home.demo),
                "HOME": os.environ.get("HOME", str(home.path)),
            },
            "The worked example",
        )
    summary = json.loads((home.demo / "summary.json").read_text())
    say("\n== How long it took")
    for name, seconds in steps.seconds.items():
        say(f"  {seconds:6.1f} s  {name}")
    say(f"  {sum(steps.seconds.values()):6.1f} s  in all")
    say("\n== Where to look")
    say(f"  Maps                     {', '.join(summary['pictures'])}")
    say(f"  Page (open in a browser) {summary['page']}")
    say(f"  API                      {access.api_url(ports)}")
    say(f"  Documentation of the API {access.documentation_url(ports)}")
    say("\n== Ask for something yourself: paste into deployment/demo/.venv/bin/python")
    say(access.snippet(ports, token, summary["first_date"]))
    say("\nTo stop: make down. To remove the data as well: make clean.")
