"""Stand-ins for stored queries that cannot be rebuilt here."""

from typing import Any

import attrs
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query


@attrs.frozen(eq=False, slots=False, repr=False)
class QStub(Query):
    """A stored query whose class is not known here, or has changed its meaning.

    It has an id and dependencies, and its result can be dropped; its SQL and columns are not known.

    Parameters
    ----------
    deps : tuple of Query
        The stored queries that it was made from.
    qid : str
        The id under which it is stored.
    flowmachine_version : str
        The release that stored it.
    """

    deps: tuple[Query, ...]
    qid: str
    flowmachine_version: str = ""
    storable = False

    @property
    def query_id(self) -> str:
        """The id under which it is stored."""
        return self.qid

    def select(self, using: Compilation) -> Select[Any]:
        """Raise: it is not known how the result was made."""
        raise NotImplementedError(f"{self.qid} was stored by a query that is not known here.")

    @property
    def column_names(self) -> list[str]:
        """Raise: the columns are not known."""
        raise NotImplementedError(f"{self.qid} was stored by a query that is not known here.")
