"""The operations of the OpenAPI document."""

from typing import Any

from flowapi.formats import FORMATS

Json = dict[str, Any]

_STRING: Json = {"type": "string"}
_DATE: Json = {"type": "string", "format": "date"}
_PROGRESS: Json = {
    "type": "object",
    "description": "How many of the query's parts are not stored yet, and of those wait or run.",
    "properties": {name: {"type": "integer"} for name in ("eligible", "queued", "running")},
    "required": ["eligible", "queued", "running"],
}


def _object(properties: Json, required: list[str] | None = None) -> Json:
    return {"type": "object", "properties": properties, "required": required or list(properties)}


def _error(description: str) -> Json:
    body = _object(
        {
            "msg": {"type": "string", "description": "What was wrong."},
            "code": {"type": "string", "description": "The same for programs."},
            "status": _STRING,
            "detail": {"type": "string", "description": "More about what was wrong."},
            "missing_scopes": {
                "type": "array",
                "items": _STRING,
                "description": "The scopes that the nearest of the token's roles lacks.",
            },
            "payload": {"type": "object", "description": "What FlowMachine says about a query it refuses."},
        },
        ["msg", "code"],
    )
    return {"description": description, "content": {"application/json": {"schema": body}}}


ERROR_RESPONSES: Json = {
    "BadRequest": _error("The request cannot be understood."),
    "Unauthorised": _error("There is no token, it has expired, or it has been revoked."),
    "TooLarge": _error("The body is larger than a query can be."),
    "InvalidToken": _error("The token cannot be used."),
    "Forbidden": _error("The token lacks a scope, or the query has failed."),
    "NotFound": _error("There is no such thing."),
    "NotAcceptable": _error("There are no results of the media type that the Accept header asks for."),
    "ServerError": _error("The request failed; the query itself may have."),
    "Unavailable": _error("A service that FlowAPI needs is not available. Try again later."),
    "Timeout": _error("FlowMachine or FlowDB did not answer in time."),
}
_ERRORS = {
    "400": "BadRequest",
    "401": "Unauthorised",
    "403": "Forbidden",
    "404": "NotFound",
    "406": "NotAcceptable",
    "413": "TooLarge",
    "422": "InvalidToken",
    "500": "ServerError",
    "503": "Unavailable",
    "504": "Timeout",
}


def _responses(successes: Json, *errors: str) -> Json:
    codes = sorted({*errors, "401", "422", "500", "503", "504"})
    return successes | {code: {"$ref": f"#/components/responses/{_ERRORS[code]}"} for code in codes}


def _content(description: str, schemas: Json, headers: Json | None = None) -> Json:
    response: Json = {
        "description": description,
        "content": {media_type: {"schema": schema} for media_type, schema in schemas.items()},
    }
    return response | ({"headers": headers} if headers else {})


def _location(description: str) -> Json:
    return {"Location": {"description": description, "schema": _STRING}}


def _parameter(name: str, description: str, schema: Json = _STRING, where: str = "path") -> Json:
    return {"name": name, "in": where, "required": True, "description": description, "schema": schema}


def _operation(
    operation_id: str, summary: str, parameters: list[Json], responses: Json, **more: Json
) -> Json:
    parts: Json = {"operationId": operation_id, "summary": summary, "security": [{"token": []}], **more}
    return parts | ({"parameters": parameters} if parameters else {}) | {"responses": responses}


_ROWS = _object({"query_id": _STRING, "query_result": {"type": "array", "items": {"type": "object"}}})
_FEATURES = _object(
    {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"type": "object"}},
    }
)
_CSV: Json = {"type": "string", "description": "A header row, then a row for each of the result's."}
_BINARY: Json = {"type": "string", "format": "binary"}
_SHAPES = {"json": _ROWS, "csv": _CSV, "geojson": _FEATURES}
_ANY_FORMAT: Json = {known.media_type: _SHAPES.get(name, _BINARY) for name, known in FORMATS.items()}
_QUERY_ID = _parameter("query_id", "The query's id, as `run` gave it.")
_CDR_TYPE = _parameter("cdr_type", "Event type, for instance calls.")
_CHECK_ID = _parameter("check_id", "Name of the check.")
_QA_OUTCOME = _object({"outcome": _STRING, "cdr_date": _DATE, "type_of_query_or_check": _STRING})
_QA_CHECK = _object({"cdr_type": _STRING, "type_of_query_or_check": _STRING})


def _get(*parameters: Json, errors: tuple[str, ...] = ()) -> Json:
    return _operation(
        "query.get_query_result.get",
        "Get the result of a query",
        [_QUERY_ID, *parameters],
        _responses(
            {
                "200": _content("The result.", _ANY_FORMAT),
                "202": {"description": "The query is still running."},
            },
            "400",
            "403",
            "404",
            *errors,
        ),
    )


_FILE_TYPE = _parameter("filetype", "Format.", {"type": "string", "enum": sorted(FORMATS)})

PATHS: Json = {
    "/api/0/run": {
        "post": _operation(
            "query.run_query.post",
            "Run a query",
            [],
            _responses(
                {
                    "202": _content(
                        "The query is accepted.",
                        {"application/json": _object({"query_id": _STRING, "progress": _PROGRESS})},
                        _location("Where to poll the query."),
                    )
                },
                "400",
                "403",
                "413",
            ),
            requestBody={
                "required": True,
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/FlowmachineQuerySchema"}}
                },
            },
        )
    },
    "/api/0/poll/{query_id}": {
        "get": _operation(
            "query.poll_query.get",
            "Ask how far a query is",
            [_QUERY_ID],
            _responses(
                {
                    "202": _content(
                        "The query waits or runs.",
                        {
                            "application/json": _object(
                                {
                                    "status": {"type": "string", "enum": ["executing", "queued"]},
                                    "msg": _STRING,
                                    "progress": _PROGRESS,
                                }
                            )
                        },
                    ),
                    "303": _content(
                        "The result is ready.",
                        {"application/json": _object({"status": {"type": "string", "enum": ["completed"]}})},
                        _location("Where to get the result."),
                    ),
                },
                "400",
                "403",
                "404",
            ),
        )
    },
    "/api/0/get/{query_id}": {"get": _get(errors=("406",))},
    "/api/0/get/{query_id}.{filetype}": {"get": _get(_FILE_TYPE)},
    "/api/0/geography/{aggregation_unit}": {
        "get": _operation(
            "geography.get_geography.get",
            "Get the shapes of an aggregation unit",
            [_parameter("aggregation_unit", "For instance admin3.")],
            _responses({"200": _content("The regions.", {"application/geo+json": _FEATURES})}, "403"),
        )
    },
    "/api/0/available_dates": {
        "get": _operation(
            "query.get_available_dates.get",
            "List the dates that have data",
            [],
            _responses(
                {
                    "200": _content(
                        "Dates by event type.",
                        {
                            "application/json": _object(
                                {
                                    "available_dates": {
                                        "type": "object",
                                        "additionalProperties": {"type": "array", "items": _DATE},
                                    }
                                }
                            )
                        },
                    )
                },
                "403",
            ),
        )
    },
    "/api/0/qa/": {
        "get": _operation(
            "qa.list_qa_checks.get",
            "List the quality checks that were made",
            [],
            _responses(
                {"200": _content("Checks.", {"application/json": {"type": "array", "items": _QA_CHECK}})},
                "403",
            ),
        )
    },
    "/api/0/qa/{cdr_type}/{check_id}": {
        "get": _operation(
            "qa.get_qa_date_range.get",
            "Get a quality check's outcomes between two dates",
            [
                _CDR_TYPE,
                _CHECK_ID,
                _parameter("start_date", "First date.", _DATE, "query"),
                _parameter("end_date", "Last date.", _DATE, "query"),
            ],
            _responses(
                {"200": _content("Outcomes.", {"application/json": {"type": "array", "items": _QA_OUTCOME}})},
                "400",
                "403",
                "404",
            ),
        )
    },
    "/api/0/qa/{cdr_type}/{check_id}/{check_date}": {
        "get": _operation(
            "qa.get_qa_on_date.get",
            "Get a quality check's outcome on a date",
            [_CDR_TYPE, _CHECK_ID, _parameter("check_date", "The date.", _DATE)],
            _responses({"200": _content("The outcome.", {"text/html": _STRING})}, "400", "403", "404"),
        )
    },
}
