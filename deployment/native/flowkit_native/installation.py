"""The steps of an installation: each can be run alone, and again."""

from collections.abc import Callable
from dataclasses import dataclass

from flowkit_native import credentials, ports, programs, strays, supervision, waiting
from flowkit_native.home import Home
from flowkit_native.settings import NativeSettings

Say = Callable[[str], None]


class NotReadyError(Exception):
    """The checkout or the machine lacks something; the text says what, and what to do."""


@dataclass(frozen=True)
class Installation:
    """One native installation.

    Parameters
    ----------
    settings
        What the environment says about it.
    """

    settings: NativeSettings

    @property
    def home(self) -> Home:
        """Its directories."""
        return self.settings.home

    @property
    def ports(self) -> dict[str, int]:
        """Its ports; those it would like, before the first start."""
        return ports.read(self.home.ports_file) or self.settings.preferred_ports()

    def environment(self) -> dict[str, str]:
        """Return the environment of its programs, without secrets."""
        return programs.environment(self.home, self.settings, self.ports)

    def preflight(self) -> None:
        """Check, without changing anything, that it can be started.

        Raises
        ------
        NotReadyError
            If a console script is not installed or the path holds a character that cannot be passed on.
        """
        missing = programs.missing_programs(self.home)
        if missing:
            names = ", ".join(str(script.relative_to(self.home.checkout)) for script in missing)
            raise NotReadyError(f"Not installed yet: {names}. Run `make bootstrap`.")
        awkward = set("\"'%\n\\$`") & set(f"{self.home.path}{self.home.checkout}")
        if awkward:
            raise NotReadyError(
                f"The path of the checkout contains {' '.join(sorted(awkward))}; please move it."
            )

    def prepare(self, say: Say) -> None:
        """Make directories, secrets and, if nothing runs, a choice of ports."""
        self.home.make()
        made = credentials.ensure(self.home.secrets)
        if made:
            say(f"Made passwords and keys in {self.home.secrets}, readable by you alone: {', '.join(made)}")
        if not supervision.is_running(self.home):
            chosen = ports.choose(self.home.ports_file, self.settings.preferred_ports())
            for name, preferred in self.settings.preferred_ports().items():
                if chosen[name] != preferred:
                    say(f"Port {preferred} is taken: {name} uses {chosen[name]}")
        programs.hand_over_secrets(self.home)
        programs.write_redis_configuration(self.home, self.ports)

    def up(self, say: Say) -> None:
        """Start what does not run, and wait until all of it answers."""
        self.preflight()
        self.home.path.mkdir(parents=True, exist_ok=True)
        with supervision.only_one(self.home):
            if not supervision.is_running(self.home):
                ended = strays.end(self.home)
                if ended:
                    say(f"Ended {ended} processes left over from a supervisor that is gone")
            self.prepare(say)
            environment = self.environment()
            if not supervision.is_running(self.home):
                supervision.start(self.home, environment)
            for program in programs.PROGRAMS:
                supervision.start_program(self.home, program.name)
            say("Waiting for the services:")
            waiting.wait_for_all(
                self.home, environment, self.ports, timeout=self.settings.start_timeout, say=say
            )

    def down(self) -> tuple[bool, int]:
        """Stop everything that it started; tell whether the supervisor ran, and the number of strays."""
        if not self.home.path.is_dir():
            return False, 0
        with supervision.only_one(self.home):
            return supervision.stop(self.home), strays.end(self.home)

    def rows_of_status(self) -> list[tuple[str, str, str, str]]:
        """Return title, address, state and details of every program."""
        shared, chosen = self.environment(), self.ports
        known = supervision.states(self.home) if supervision.is_running(self.home) else {}
        rows = []
        for program in programs.PROGRAMS:
            state = known.get(program.name)
            address = f"{ports.ADDRESS}:{chosen[program.name]}"
            if state is None or not state.running:
                rows.append((program.title, address, "stopped" if state is None else state.state.lower(), ""))
            else:
                well = programs.is_well(program, self.home, shared, chosen)
                rows.append((program.title, address, "well" if well else "NOT WELL", state.description))
        return rows
