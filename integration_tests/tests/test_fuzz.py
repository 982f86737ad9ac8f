"""A round of the fuzzer (``python -m fuzz``): every kind of query, operation and token."""

from fuzz.suite import Suite
from fuzz.tokens import LACKING_ONE
from signing import Signer
from stack import Stack


def test_a_round(stack: Stack, signer: Signer) -> None:
    suite = Suite(stack.url, signer, seed=7, examples=1)
    suite.run(target=1)
    found = suite.findings
    assert found.violations == {}
    accepted = {kind for kind, accepted in found.runs if accepted}
    assert len(accepted) >= 27
    assert found.answers["GET /api/0/get/{query_id}.{filetype}", LACKING_ONE, 403]
