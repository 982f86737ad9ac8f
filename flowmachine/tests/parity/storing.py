"""Store a query of subscribers, as an analyst would, and print its id: run by the Python of either release.

Both have the same public names, so nothing else of this package is imported.
"""

import sys

import flowmachine
from flowmachine.features import UniqueSubscribers

flowmachine.connect()
callers = UniqueSubscribers("2016-01-02", "2016-01-04", hours=(6, 15), table="events.calls")
callers.store().result()
sys.stdout.write(f"{callers.query_id}\n")
