"""How large the test data set is."""

from datetime import date, timedelta

from flowdb.synthetic.parameters import Parameters

START = date(2016, 1, 1)
DAYS = [START + timedelta(days=number) for number in range(7)]
ROWS = {
    "calls": (1252, 1176, 1222, 1326, 1232, 1358, 2518),
    "sms": (1246, 1200, 1176, 1268, 1180, 1346, 2504),
    "mds": (547, 783, 620, 953, 880, 881, 990),
    "topups": (719, 577, 798, 960, 765, 955, 740),
}
"""Rows of each type on each day; calls and messages have two rows for each event."""

MOVES_ON = date(2016, 1, 6)
"""The day from which some cells and sites have their second version."""

EMPTY_DAY = date(2016, 9, 9)
"""A day whose tables are there but empty, and which no record speaks of."""

DFS_SUBSCRIBERS, DFS_TRANSACTIONS = 1000, 3000

# Half of all events happen anywhere, so that every cell is used every day, and everyone changes phones all
# the time: the set is small, and is there to try queries on, not to look like people.
PARAMETERS = Parameters(
    generator="python",
    start=START,
    days=len(DAYS),
    subscribers=499,
    calls=0,
    sites=30,
    cells=55,
    tacs=20,
    phones=18,
    equally_active=True,
    out_of_area=0.5,
    dfs_subscribers=DFS_SUBSCRIBERS,
    dfs_transactions=DFS_TRANSACTIONS,
)
