"""The answers of the published release, kept between runs: it is slow, and its answers do not change."""

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

from tests.parity.servers import Answer
from tests.parity.specs.parts import Spec


def key(spec: Spec) -> str:
    """Return what an answer to a spec is kept by."""
    return json.dumps(spec, sort_keys=True)


class Kept:
    """Answers over data of one fingerprint, in a file.

    Parameters
    ----------
    file : pathlib.Path
        Made if it is not there. Answers over other data stay in it.
    data : str
        Fingerprint of the data.
    """

    def __init__(self, file: Path, data: str) -> None:
        self._file = file
        self._all: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}
        self._own = self._all.setdefault(data, {})
        self._lock = threading.Lock()

    def __contains__(self, spec: Spec) -> bool:
        return key(spec) in self._own

    def __getitem__(self, spec: Spec) -> Answer:
        return Answer(**self._own[key(spec)])

    def __setitem__(self, spec: Spec, answer: Answer) -> None:
        with self._lock:
            self._own[key(spec)] = attrs.asdict(answer)
            # Whole or not at all: a run that is interrupted loses no answer.
            part = self._file.with_suffix(".part")
            part.write_text(json.dumps(self._all))
            part.replace(self._file)

    @staticmethod
    def forget(file: Path, specs: Iterable[Spec]) -> None:
        """Remove the answers to some specs, over whatever data."""
        if file.exists():
            gone = set(map(key, specs))
            every = json.loads(file.read_text())
            left = {data: {k: v for k, v in own.items() if k not in gone} for data, own in every.items()}
            file.write_text(json.dumps(left))
