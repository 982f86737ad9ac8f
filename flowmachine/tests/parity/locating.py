"""Print where each subscriber was last on a day, as JSON: run by the Python of either release.

Both have the same public names, so nothing else of this package is imported.
"""

import json
import sys

import flowmachine
from flowmachine.core import make_spatial_unit
from flowmachine.features import daily_location

flowmachine.connect()
located = daily_location(sys.argv[1], spatial_unit=make_spatial_unit("admin", level=3))
rows = located.get_dataframe()
sys.stdout.write("\n" + json.dumps(dict(zip(rows.subscriber, rows.pcod, strict=True))))
