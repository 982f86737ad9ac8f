"""Requests from the document: sent with each kind of token, checked against document and definition."""

import copy
import random
import time
from collections.abc import Callable, Collection
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from signing import Signer
from specs import needed_scopes

from fuzz.findings import Findings, say
from fuzz.mending import DAYS, specs_of
from fuzz.tokens import LACKING_ONE, REFUSED, SCOPELESS, VALID, Tokens

CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
QUERY_SECONDS = 60
RUN, POLL = "/api/0/run", "/api/0/poll/{query_id}"
GET, GET_FILE = "/api/0/get/{query_id}", "/api/0/get/{query_id}.{filetype}"
SCOPES = {
    "/api/0/available_dates": "get_available_dates",
    "/api/0/qa/": "get_qa_checks",
    "/api/0/qa/{cdr_type}/{check_id}": "get_qa_checks",
    "/api/0/qa/{cdr_type}/{check_id}/{check_date}": "get_qa_checks",
    "/api/0/geography/{aggregation_unit}": "get_result",
}
# What may stand in a refusal. Anything else might tell of data.
REFUSAL_MEMBERS = {"msg", "code", "status", "detail", "missing_scopes", "payload"}
# Before it is known what a request is about, no scopes are known either.
UNDETERMINED = {"invalid_query_spec", "unknown_query", "not_found", "subset_not_permitted"}

Case = Any
"""A schemathesis case."""


class Suite:
    """One run against one server.

    Parameters
    ----------
    url
        Where FlowAPI answers.
    signer
        Whose tokens it trusts.
    seed
        Decides what is sent.
    examples
        Specs of each kind in a round; each operation has twice as many good and bad cases.
    """

    def __init__(self, url: str, signer: Signer, seed: int, examples: int = 4) -> None:
        self._url = url
        self._seed = seed
        self._examples = examples
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._session = requests.Session()
        self._session.trust_env = False
        self._document = self._session.get(f"{url}/api/0/spec/openapi.json", timeout=30).json()
        self._schema = self._load(self._document)
        union = self._document["components"]["schemas"]["FlowmachineQuerySchema"]
        self._mapping: dict[str, str] = union["discriminator"]["mapping"]
        scopes = self._document["components"]["securitySchemes"]["token"]["x-security-scopes"]
        self._tokens = Tokens(signer, scopes)
        self.findings = Findings()
        self._ended: dict[str, str] = {}
        self._ids = ["no-such-id"]

    def _load(self, document: dict[str, Any]) -> Any:
        schema = schemathesis.openapi.from_dict(copy.deepcopy(document))
        schema.config.update(base_url=self._url)
        return schema

    def run(self, target: int) -> None:
        """Play whole rounds until so many requests are answered."""
        schemathesis.openapi.format("date-time", st.sampled_from([*DAYS, "2016-01-05", "2017-01-01"]))
        turns = self._turns()
        started, number = time.monotonic(), 0
        while self.findings.requests < target:
            number += 1
            for name, turn in turns.items():
                turn(number)
                if number == 1:
                    seconds = time.monotonic() - started
                    say(f"  {seconds:5.0f} s  {self.findings.requests:>6} requests  {name}")
            bad = sum(map(len, self.findings.violations.values()))
            say(f"round {number}: {self.findings.requests}/{target} requests, {bad} violations")

    def _turns(self) -> dict[str, Callable[[int], None]]:
        """Return what a round consists of: each kind of query, each operation, with good and bad values."""
        turns: dict[str, Callable[[int], None]] = {}
        for kind, reference in self._mapping.items():
            document = copy.deepcopy(self._document)
            content = document["paths"][RUN]["post"]["requestBody"]["content"]
            content["application/json"]["schema"] = {"$ref": reference}
            cases = self._load(document)[RUN]["POST"].as_strategy()
            bodies = specs_of(kind, cases.map(lambda case: case.body))
            turns[f"run {kind}"] = self._turn(bodies.map(self._run_case), self._examples)
        for path, methods in self._schema.items():
            for method in methods:
                for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
                    if path == RUN and mode is schemathesis.GenerationMode.POSITIVE:
                        continue  # each kind has had its turn
                    try:
                        strategy = self._schema[path][method].as_strategy(generation_mode=mode)
                    except schemathesis.errors.SchemathesisError:
                        continue  # an operation without parameters has no bad ones
                    cases = strategy.map(self._with_known_ids)
                    turns[f"{method} {path} {mode.value}"] = self._turn(cases, 2 * self._examples)
        return turns

    def _turn(self, cases: st.SearchStrategy[Case], examples: int) -> Callable[[int], None]:
        def turn(number: int) -> None:
            @seed(self._seed * 1_000 + number)
            @settings(
                max_examples=examples,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(cases)
            def send(case: Case) -> None:
                self._play(case)

            send()

        return turn

    def _run_case(self, body: Any) -> Case:
        headers = {"Content-Type": "application/json"}
        return self._schema[RUN]["POST"].Case(body=body, media_type="application/json", headers=headers)

    def _with_known_ids(self, case: Case) -> Case:
        """Let half of the cases name something that exists."""
        known = {
            "query_id": self._ids,
            "aggregation_unit": ["admin0", "admin1", "admin2", "admin3", "lon-lat"],
            "cdr_type": ["calls", "sms", "CALLS"],
        }
        for name in case.path_parameters or {}:
            if name in known and self._chance.random() < 0.5:
                case.path_parameters[name] = self._chance.choice(known[name])
        # A case of its own: bad values may include that schemathesis takes the token away when it sends them.
        return case.operation.Case(
            path_parameters=case.path_parameters,
            query=case.query,
            body=case.body,
            media_type=case.media_type,
            headers={"Content-Type": case.media_type} if case.media_type else {},
        )

    def _send(self, case: Case, kind: str, headers: dict[str, str]) -> Any:
        """Send a case, count it, and hold its answer against the document."""
        response = case.call(session=self._session, headers=headers, allow_redirects=False, timeout=60)
        operation = f"{case.method} {case.operation.path}"
        status = response.status_code
        self.findings.answers[operation, kind, status] += 1
        sent = f"{kind}: {response.request.method} {response.request.url} {case.body!r}"
        if status >= 500:
            self.findings.violated(f"{operation} answers {status}: {response.text[:150]}", sent)
        elif self._routed(response):
            try:
                case.validate_response(response, checks=CHECKS)
            except (Failure, FailureGroup) as failure:
                self.findings.violated(
                    f"{operation} answers {status} otherwise than described", sent, failure
                )
        return response

    @staticmethod
    def _routed(response: Any) -> bool:
        """Tell whether the request arrived at an operation: generated ids may hold what ends a path."""
        return response.status_code not in (308, 405) and _code(response) not in ("not_found", "bad_request")

    def _play(self, case: Case) -> None:
        """Send a case with every kind of token; go on with what it started."""
        response = self._send(case, VALID, self._tokens.headers(VALID))
        path = case.operation.path
        scopes: Collection[str] = [SCOPES[path]] if path in SCOPES else []
        accepted = path == RUN and response.status_code == 202
        if path == RUN and isinstance(case.body, dict):
            kind = str(case.body.get("query_kind"))
            self.findings.runs[kind if kind in self._mapping else "(none that exists)", accepted] += 1
        if accepted:
            scopes = needed_scopes(case.body) | {"run"}
        self._refuse_all_others(case, response, scopes)
        if accepted:
            self._follow(response.json()["query_id"], needed_scopes(case.body))

    def _refuse_all_others(self, case: Case, answer: Any, scopes: Collection[str]) -> None:
        for kind, status in REFUSED.items():
            refusal = self._send(case, kind, self._tokens.headers(kind))
            self._must_be(refusal, {status} if self._routed(answer) else {answer.status_code}, kind, case)
        # Only where the request is such that its scopes cannot be known may it be refused for another reason.
        undetermined = _code(answer) in UNDETERMINED
        allowed = {403, answer.status_code} if undetermined or not self._routed(answer) else {403}
        refusal = self._send(case, SCOPELESS, self._tokens.headers(SCOPELESS))
        self._must_be(refusal, allowed, SCOPELESS, case)
        for scope in scopes:
            refusal = self._send(case, LACKING_ONE, self._tokens.lacking(scope, alone=len(scopes) == 1))
            self._must_be(refusal, allowed, f"{LACKING_ONE} ({scope})", case)

    def _must_be(self, response: Any, allowed: Collection[int], kind: str, case: Case) -> None:
        told = response.text
        if response.status_code not in allowed:
            what = f"{case.operation.path} answers {response.status_code}, not {sorted(allowed)}"
            self.findings.violated(f"{what}, to a token: {kind}", case.body, response.request.url, told)
        elif response.status_code not in (308, 405):
            body = response.json() if "json" in response.headers["content-type"][0] else {"rows": told}
            if not isinstance(body, dict) or set(body) - REFUSAL_MEMBERS:
                self.findings.violated(f"{case.operation.path} tells more than why it refuses", told)

    def _follow(self, query_id: str, scopes: frozenset[str]) -> None:
        """Poll a query to its end, and get its result in each format, with every kind of token."""
        if query_id in self._ended:
            return
        self._ids.append(query_id)
        poll = self._schema[POLL]["GET"].Case(path_parameters={"query_id": query_id})
        deadline = time.monotonic() + QUERY_SECONDS
        while True:
            response = self._send(poll, VALID, self._tokens.headers(VALID))
            if response.status_code != 202 or time.monotonic() > deadline:
                break
            time.sleep(0.02)
        self._ended[query_id] = {303: "completed", 202: "not in time"}.get(response.status_code, "errored")
        self.findings.ends[self._ended[query_id]] += 1
        if response.status_code == 202:
            self.findings.violated("A query did not end", query_id)
        self._refuse_all_others(poll, response, scopes)
        for file_type in (None, "json", "csv", "geojson"):
            parameters = {"query_id": query_id} | ({"filetype": file_type} if file_type else {})
            case = self._schema[GET_FILE if file_type else GET]["GET"].Case(path_parameters=parameters)
            response = self._send(case, VALID, self._tokens.headers(VALID))
            if response.status_code not in (200, 403):  # 403: it has no places
                self.findings.violated(f"get answers {response.status_code}", query_id, response.text)
            self._refuse_all_others(case, response, {*scopes, "get_result"})


def _code(response: Any) -> str | None:
    if "json" not in response.headers.get("content-type", [""])[0]:
        return None
    body = response.json()
    return body.get("code") if isinstance(body, dict) else None
