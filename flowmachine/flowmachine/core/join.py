"""Two queries side by side."""

from collections.abc import Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import columns_given, require_columns
from flowmachine.core.query import Query

_KINDS = {
    "inner": "inner",
    "full outer": "full outer",
    "left": "left",
    "left outer": "left",
    "right": "right",
    "right outer": "right",
}


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class Join(Query):
    """The rows of one query beside those of another that have the same values in some columns.

    Parameters
    ----------
    left, right : Query
    on_left : str or list of str
        The columns of ``left`` that must be equal to…
    on_right : str or list of str, optional
        …these of ``right``; by default those of the same names.
    how : {"inner", "full outer", "left", "right", "left outer", "right outer"}
        Whether rows without a partner are kept, with nulls beside them: those of both queries, of the
        left, or of the right.
    left_append, right_append : str
        What the names of the other columns of each side end with.

    Notes
    -----
    Columns: the joined columns (with the names of the right for right and full outer joins, else of
    the left; in a full outer join whichever side has a value), the other columns of the left, the
    other columns of the right. Nulls are equal to nothing.

    Raises
    ------
    ValueError
        For an unknown kind of join, columns that do not exist, as many on one side as on the other
        are not given, or two columns that would have the same name.

    Examples
    --------
    >>> homes.join(handsets, on_left="subscriber", left_append="_home")  # doctest: +SKIP
    """

    left: Query
    right: Query
    on_left: tuple[str, ...]
    on_right: tuple[str, ...]
    how: str
    left_append: str
    right_append: str

    def __init__(
        self,
        left: Query,
        right: Query,
        on_left: str | Sequence[str],
        on_right: str | Sequence[str] | None = None,
        how: str = "inner",
        left_append: str = "",
        right_append: str = "",
    ) -> None:
        if how.lower() not in _KINDS:
            raise ValueError(f"Unknown kind of join {how!r}; known are {', '.join(_KINDS)}.")
        of_left = columns_given(on_left)
        of_right = of_left if on_right is None else columns_given(on_right)
        if len(of_left) != len(of_right) or not of_left:
            raise ValueError(
                f"A join needs as many columns of the left as of the right, not {of_left} and {of_right}."
            )
        require_columns(left, *of_left)
        require_columns(right, *of_right)
        self.__attrs_init__(
            left=left,
            right=right,
            on_left=of_left,
            on_right=of_right,
            how=_KINDS[how.lower()],
            left_append=left_append,
            right_append=right_append,
        )
        names = [*self._joined_names, *self._others(left, of_left, left_append)]
        names += self._others(right, of_right, right_append)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"Both sides of the join have {', '.join(twice)}; "
                "tell them apart with left_append or right_append."
            )

    @property
    def _joined_names(self) -> tuple[str, ...]:
        return self.on_left if self.how in ("inner", "left") else self.on_right

    @staticmethod
    def _others(query: Query, on: tuple[str, ...], append: str) -> list[str]:
        return [name + append for name in query.column_names if name not in on]

    def select(self, using: Compilation) -> Select[Any]:
        """Join the two relations."""
        # Two names even for one relation: a query can be joined to itself. Names of one's own could be
        # those of another join in the same statement.
        left, right = using(self.left).alias(), using(self.right).alias()
        pairs = [
            (left.c[one], right.c[other]) for one, other in zip(self.on_left, self.on_right, strict=True)
        ]
        same = sa.and_(*(one == other for one, other in pairs))
        if self.how == "right":
            source = right.join(left, same, isouter=True)
        else:
            source = left.join(right, same, isouter=self.how == "left", full=self.how == "full outer")
        joined = [
            self._joined(one, other).label(name)
            for name, (one, other) in zip(self._joined_names, pairs, strict=True)
        ]
        others = [
            *(left.c[n].label(n + self.left_append) for n in self.left.column_names if n not in self.on_left),
            *(
                right.c[n].label(n + self.right_append)
                for n in self.right.column_names
                if n not in self.on_right
            ),
        ]
        return sa.select(*joined, *others).select_from(source)

    def _joined(self, left: ColumnElement[Any], right: ColumnElement[Any]) -> ColumnElement[Any]:
        if self.how == "full outer":
            return sa.func.coalesce(left, right, type_=left.type)
        return right if self.how == "right" else left
