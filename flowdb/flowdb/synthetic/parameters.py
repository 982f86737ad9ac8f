"""What a synthetic data set is made from."""

from dataclasses import dataclass
from datetime import date, timedelta

from flowdb.errors import FlowDBError

CDR_TYPES = ("calls", "sms")


class ParameterError(FlowDBError):
    """The parameters of a synthetic data set contradict each other or the database."""


@dataclass(frozen=True)
class Parameters:
    """The size, the days and the seeds of a synthetic data set.

    Attributes
    ----------
    start
        First day.
    days
        Number of days.
    subscribers
        Number of subscribers.
    calls, sms
        Events a day; each gives two rows, one for either party. A type of 0 events is left out.
    sites, cells
        Number of places with masts, and of cells on them; used only where the database has none.
    contacts
        Number of people each subscriber usually calls.
    out_of_area
        Share of events that a party makes at a place that is none of theirs.
    subscribers_seed, events_seed, cells_seed
        Seeds of the three parts: the same seeds give the same rows.
    """

    start: date = date(2016, 1, 1)
    days: int = 7
    subscribers: int = 10_000
    calls: int = 100_000
    sms: int = 100_000
    sites: int = 400
    cells: int = 1_000
    contacts: int = 5
    out_of_area: float = 0.05
    subscribers_seed: int = 12345
    events_seed: int = 22222
    cells_seed: int = 99999

    def __post_init__(self) -> None:
        if self.cells < self.sites:
            raise ParameterError(f"Each site has at least one cell: {self.sites} sites, {self.cells} cells.")
        if self.subscribers < 2:
            raise ParameterError("A call takes two: at least 2 subscribers.")
        if not 0 <= self.out_of_area <= 1:
            raise ParameterError(
                f"The share of events out of area is between 0 and 1, not {self.out_of_area}."
            )

    @property
    def dates(self) -> list[date]:
        """Return the days in order."""
        return [self.start + timedelta(days=number) for number in range(self.days)]

    def events_of(self, cdr_type: str) -> int:
        """Return the number of events of a type in a day."""
        return {"calls": self.calls, "sms": self.sms}[cdr_type]
