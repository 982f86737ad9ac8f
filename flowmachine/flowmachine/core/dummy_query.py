"""A query that reads nothing, for trying out the machinery around queries."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query


@attrs.frozen(eq=False, slots=False, repr=False)
class DummyQuery(Query):
    """A query with one column ``dummy_param`` and no rows.

    Parameters
    ----------
    dummy_param : str
        Distinguishes one dummy from another; the id is ``dummy_query_<dummy_param>``.
    """

    dummy_param: str = attrs.field(validator=attrs.validators.instance_of(str))
    trivial = True

    @property
    def query_id(self) -> str:
        """The id by which clients know a dummy."""
        return f"dummy_query_{self.dummy_param}"

    def select(self, using: Compilation) -> Select[Any]:
        """Return no rows."""
        return sa.select(sa.literal(self.dummy_param, sa.Text).label("dummy_param")).where(sa.false())
