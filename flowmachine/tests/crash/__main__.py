"""``python -m tests.crash``: kill ``KILLS`` processes, at moments that follow from ``SEED``."""

import os
import random
import sys

from tests.crash.clients import say
from tests.crash.suite import ViolationError, run


def main() -> None:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    say(f"SEED={seed}")
    try:
        run(int(os.environ.get("KILLS") or 200), seed)
    except ViolationError:
        sys.exit(1)


main()
