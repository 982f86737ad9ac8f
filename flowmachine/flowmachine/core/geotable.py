"""A table with a geometry."""

from typing import Any

import attrs

from flowmachine.core.deriving import columns_given
from flowmachine.core.table import Table, qualified_name, table_columns


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class GeoTable(Table):  # type: ignore[override]
    """A table of FlowDB whose rows can be put on a map.

    Parameters
    ----------
    name, schema, columns
        As for :class:`~flowmachine.core.table.Table`.
    geom_column : str, default "geom"
        The column with the geometries.
    gid_column : str, optional
        The column that identifies features; ``gid`` if there is one, else the number of the row.

    Raises
    ------
    ValueError
        If the table lacks one of the columns, or the chosen columns do.

    Examples
    --------
    >>> GeoTable("geography.admin3", columns=["admin3pcod", "geom"]).to_geojson()  # doctest: +SKIP
    """

    geom_column: str
    gid_column: str | None

    def __init__(
        self,
        name: str,
        schema: str | None = None,
        columns: Any = None,
        geom_column: str = "geom",
        gid_column: str | None = None,
    ) -> None:
        full = qualified_name(name, schema)
        chosen = columns_given(columns or ()) or tuple(table_columns(full))
        if not chosen:
            raise ValueError(f"There is no table {full}.")
        for needed in filter(None, (geom_column, gid_column)):
            if needed not in chosen:
                raise ValueError(f"{needed!r} must be one of the columns of {full}: {', '.join(chosen)}.")
        self.__attrs_init__(
            name=full,
            columns_read=tuple(dict.fromkeys(chosen)),
            geom_column=geom_column,
            gid_column=gid_column or ("gid" if "gid" in chosen else None),
        )

    @property
    def geometry_column(self) -> str:
        """The column with the geometries."""
        return self.geom_column

    @property
    def feature_id_column(self) -> str | None:
        """The column that identifies features."""
        return self.gid_column
