"""What a synthetic data set is made from."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from flowdb.errors import FlowDBError

CDR_TYPES = ("calls", "sms", "mds", "topups")
GeneratorName = Literal["python", "sql"]


class ParameterError(FlowDBError):
    """The parameters of a synthetic data set contradict each other or the database."""


@dataclass(frozen=True)
class Disaster:
    """A region that nobody may enter for some days.

    Attributes
    ----------
    start, end
        First and last day.
    region_pcod
        Code of the region, of any admin level.
    """

    start: date
    end: date
    region_pcod: str

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ParameterError(f"The disaster ends on {self.end}, before it starts on {self.start}.")

    def strikes(self, day: date) -> bool:
        """Say whether a day is one of the disaster."""
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Parameters:
    """The size, the days and the seeds of a synthetic data set.

    Attributes
    ----------
    generator
        Which generator makes it.
    start
        First day.
    days
        Number of days.
    subscribers
        Number of subscribers.
    calls, sms
        Events a day; each gives two rows, one for either party. A type of 0 events is left out.
    mds, topups
        Mobile data sessions and top-ups a day; one row each.
    sites, cells, tacs
        Number of places with masts, of cells on them, and of phone models; used only where the database has
        none.
    phones
        Phones that each subscriber uses in turn (Python generator).
    equally_active
        Whether all subscribers make as many events as each other (Python generator).
    interactions
        Calling pairs, as a multiple of the number of subscribers.
    out_of_area
        Share of events that a party makes at a place that is none of theirs.
    relocate
        Share of subscribers who move to a new home each day (SQL generator).
    disaster
        A region that nobody may enter for some days (SQL generator).
    dfs_subscribers, dfs_transactions
        Subscribers who use mobile money, and their transactions a day; without transactions there is none.
    subscribers_seed, events_seed, cells_seed
        Seeds of the three parts: the same seeds give the same rows.
    """

    generator: GeneratorName = "sql"
    start: date = date(2016, 1, 1)
    days: int = 7
    subscribers: int = 4_000
    calls: int = 200_000
    sms: int = 0
    mds: int = 0
    topups: int = 0
    sites: int = 400
    cells: int = 1_000
    tacs: int = 1_000
    phones: int = 1
    equally_active: bool = False
    interactions: int = 5
    out_of_area: float = 0.05
    relocate: float = 0.01
    disaster: Disaster | None = None
    dfs_subscribers: int = 0
    dfs_transactions: int = 0
    subscribers_seed: int = 11111
    events_seed: int = 22222
    cells_seed: int = 33333

    def __post_init__(self) -> None:
        if self.cells < self.sites:
            raise ParameterError(f"Each site has at least one cell: {self.sites} sites, {self.cells} cells.")
        if self.subscribers < 2:
            raise ParameterError("A call takes two: at least 2 subscribers.")
        if not 0 <= self.out_of_area <= 1:
            raise ParameterError(
                f"The share of events out of area is between 0 and 1, not {self.out_of_area}."
            )
        if not 0 <= self.relocate <= 1:
            raise ParameterError(f"The share of people who move is between 0 and 1, not {self.relocate}.")
        if self.disaster is not None and self.generator == "python":
            raise ParameterError("Only the SQL generator makes disasters: set SYNTHETIC_DATA_GENERATOR=sql.")

    @property
    def dates(self) -> list[date]:
        """Return the days in order."""
        return [self.start + timedelta(days=number) for number in range(self.days)]

    def events_of(self, cdr_type: str) -> int:
        """Return the number of events of a type in a day."""
        return {"calls": self.calls, "sms": self.sms, "mds": self.mds, "topups": self.topups}[cdr_type]
