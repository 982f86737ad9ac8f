"""``python -m fuzz``: send ``REQUESTS`` requests that follow from ``SEED`` to servers of their own."""

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from signing import Signer
from stack import HOST, load_data, redis_program, running_servers

from flowdb.testing import RunningRedis, free_port, running_flowdb
from fuzz.findings import say
from fuzz.suite import Suite

# Not the impatience of the tests: queries that wait ten seconds to be accepted are among those sent.
AS_DEPLOYED = {"FLOWAPI_FLOWMACHINE_TIMEOUT": "30"}


def main() -> None:
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
    target = int(os.environ.get("REQUESTS") or 20_000)
    say(f"SEED={seed} REQUESTS={target}")
    signer = Signer()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="flowapi-fuzz-") as directory, running_flowdb() as flowdb:
        logs = Path(directory)
        load_data(flowdb)
        redis = RunningRedis(host=HOST, port=free_port())
        with (
            redis_program(redis, logs / "redis.log"),
            running_servers(flowdb, redis, signer.public_key, logs, "fuzz", **AS_DEPLOYED) as servers,
        ):
            suite = Suite(servers.url, signer, seed)
            suite.run(target)
    suite.findings.report()
    say(f"{time.monotonic() - started:.0f} seconds, SEED={seed}")
    sys.exit(1 if suite.findings.violations else 0)


main()
