"""Handsets: what is known of the models of phones, and which of them a subscriber used."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.features.utilities.events import EventQuery, select_window

METHODS = ("most-common", "last")

_TEXTS = ("brand", "model", "display_type", "software_os_vendor", "software_os_name", "software_os_version")
MEASURES = ("width", "height", "depth", "weight", "display_width", "display_height")
"""What is known of a model as a number: millimetres, grams, pixels."""
_COLUMNS = (
    *("brand", "model", "width", "height", "depth", "weight"),
    *("display_type", "display_colors", "display_width", "display_height"),
    *("mms_receiver", "mms_built_in_camera", "wap_push_ota_support"),
    *("hardware_gprs", "hardware_edge", "hardware_umts", "hardware_wifi", "hardware_bluetooth"),
    *("hardware_gps", "software_os_vendor", "software_os_name", "software_os_version"),
    *("wap_push_ota_settings", "wap_push_ota_bookmarks", "wap_push_ota_app_internet"),
    *("wap_push_ota_app_browser", "wap_push_ota_app_mms", "wap_push_ota_single_shot"),
    *("wap_push_ota_multi_shot", "wap_push_oma_settings", "wap_push_oma_app_internet"),
    *("wap_push_oma_app_browser", "wap_push_oma_app_mms", "wap_push_oma_cp_bookmarks", "wap_1_2_1"),
    *("wap_2_0", "syncml_dm_settings", "syncml_dm_acc_gprs", "syncml_dm_app_internet"),
    *("syncml_dm_app_browser", "syncml_dm_app_mms", "syncml_dm_app_bookmark", "syncml_dm_app_java"),
    *("wap_push_oma_app_ims", "wap_push_oma_app_poc", "j2me_midp_10", "j2me_midp_20", "j2me_midp_21"),
    *("j2me_cldc_10", "j2me_cldc_11", "j2me_cldc_20", "hnd_type"),
)


def _type(column: str) -> Any:
    if column in (*_TEXTS, "hnd_type"):
        return sa.Text
    return sa.Numeric if column in MEASURES else sa.Boolean


CHARACTERISTICS = tuple(sorted((*_COLUMNS, "tac")))
"""What can be asked of a handset: a column of ``infrastructure.tacs``, or the TAC itself."""


def models() -> FromClause:
    """Return the table of what is known of each model, whose ``id`` is a TAC."""
    columns = [sa.column(name, _type(name)) for name in _COLUMNS]
    return sql.qualified_table("infrastructure.tacs", sa.column("id", sa.Numeric), *columns).alias("models")


def described(
    models: FromClause, tac: ColumnElement[Any], *more: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """Return the columns of a handset: its TAC, what else is given, and what is known of its model."""
    return [tac, *more, *(models.c[name] for name in _COLUMNS)]


def characteristic_of(name: str, models: FromClause, tac: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return one characteristic of a handset."""
    return tac if name == "tac" else models.c[name]


def characteristic_field() -> Any:
    """Make a required field for a characteristic."""
    return attrs.field(validator=attrs.validators.in_(CHARACTERISTICS))


def method_field(*, kw_only: bool = True) -> Any:
    """Make a field for how one handset is chosen of those a subscriber used."""
    return attrs.field(default="most-common", kw_only=kw_only, validator=attrs.validators.in_(METHODS))


def tacs_used(query: EventQuery, using: Compilation) -> FromClause:
    """Return one row per subscriber and TAC: ``subscriber``, ``tac``, ``events``, ``latest``."""
    events = select_window(query, using, "datetime", "tac").subquery("events")
    keys = [events.c.subscriber, events.c.tac]
    number, latest = sa.func.count().label("events"), sa.func.max(events.c.datetime).label("latest")
    return sa.select(*keys, number, latest).where(events.c.tac.is_not(None)).group_by(*keys).subquery("used")


def one_tac_each(query: EventQuery, using: Compilation, method: str) -> Select[Any]:
    """Select the TAC of each subscriber with most events, or the latest; of several the smallest."""
    used = tacs_used(query, using)
    best = used.c.events if method == "most-common" else used.c.latest
    return sql.first_per([used.c.subscriber], [best.desc(), used.c.tac], [used.c.subscriber, used.c.tac])
