"""Write the ids of queries that are not pinned yet: ``python -m tests.unit.pin``."""

import importlib
import json
import pkgutil
from pathlib import Path

from tests import families

PINNED = Path(__file__).parent / "pinned_ids"


def main() -> None:
    """Add what is missing to each family's file; ids that are there stay."""
    for module in pkgutil.iter_modules(families.__path__):
        file = PINNED / f"{module.name}.json"
        pinned = json.loads(file.read_text()) if file.exists() else {}
        queries = getattr(importlib.import_module(f"tests.families.{module.name}"), "QUERIES", {})
        pinned = {name: pinned.get(name, query.query_id) for name, query in queries.items()}
        file.write_text(json.dumps(pinned, indent=1) + "\n")


if __name__ == "__main__":
    main()
