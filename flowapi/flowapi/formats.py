"""The formats that results come in, by file type and by media type."""

from collections.abc import Callable
from dataclasses import dataclass

from quart import request

from flowapi.arrow_encoders import ArrowEncoder, ParquetEncoder
from flowapi.encoders import (
    CsvEncoder,
    GeoJsonEncoder,
    JsonEncoder,
    MakeEncoder,
    csv_encoder,
    geojson_encoder,
    json_encoder,
)
from flowapi.errors import ApiError


@dataclass(frozen=True)
class Format:
    """How one sort of file is made.

    Attributes
    ----------
    media_type
        Its name in the headers ``Accept`` and ``Content-Type``.
    encoder
        Makes what makes the encoder of a query's result, given the query's id.
    """

    media_type: str
    encoder: Callable[[str], MakeEncoder]


FORMATS = {
    "json": Format(JsonEncoder.content_type, json_encoder),
    "csv": Format(CsvEncoder.content_type, lambda _: csv_encoder()),
    "geojson": Format(GeoJsonEncoder.content_type, lambda _: geojson_encoder()),
    "arrow": Format(ArrowEncoder.content_type, lambda _: ArrowEncoder),
    "parquet": Format(ParquetEncoder.content_type, lambda _: ParquetEncoder),
}
"""By file type; the first is what those get who do not mind."""


def accepted_file_type() -> str:
    """Return the file type that the request's Accept header asks for, JSON if there is no such header.

    Raises
    ------
    ApiError
        406 if it asks only for what there is not.
    """
    by_media_type = {known.media_type: file_type for file_type, known in FORMATS.items()}
    if not request.accept_mimetypes:
        return "json"
    best = request.accept_mimetypes.best_match(list(by_media_type))
    if best is None:
        raise ApiError(
            406,
            f"There is no result of that media type; there are {', '.join(by_media_type)}.",
            "not_acceptable",
        )
    return by_media_type[best]
