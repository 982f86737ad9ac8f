"""How long an event takes, how much data it moves and how much money."""

import numpy as np

from flowdb.synthetic.draws import Draws, Ints

# Thirty-two steps of equal chance of a log-normal distribution: most calls are short, a few very long (s).
_CALL_STEPS = np.array(
    [
        *(1, 13, 18, 23, 28, 33, 37, 42, 47, 53, 58, 64, 70, 77, 84, 91, 99),
        *(108, 118, 129, 141, 155, 170, 188, 209, 234, 264, 302, 353, 424, 538, 772, 4886),
    ]
)
# In hundredths of a second, a megabyte and a unit of money.
_LONGEST_SESSION, _LARGEST_VOLUME, _LARGEST_UPLOAD_PERCENT = 90_000, 102_400, 40
_LARGEST_RECHARGE, _AIRTIME_FEE, _LARGEST_BALANCE, _TAX_PERCENT = 10, 50, 59_000, 10


def amounts(cdr_type: str, event: Ints, draws: Draws) -> dict[str, Ints]:
    """Return the columns that only a type of event has: seconds of calls, hundredths of all others."""
    makers = {"calls": _calls, "mds": _mds, "topups": _topups}
    return makers[cdr_type](event, draws) if cdr_type in makers else {}


def _calls(event: Ints, draws: Draws) -> dict[str, Ints]:
    step = draws.below("step", event, len(_CALL_STEPS) - 1)
    low, high = _CALL_STEPS[step], _CALL_STEPS[step + 1]
    return {"duration": low + draws.below("within step", event, high - low)}


def _mds(event: Ints, draws: Draws) -> dict[str, Ints]:
    total = 1 + draws.first("volume", event, _LARGEST_VOLUME)
    upload = total * draws.below("upload", event, _LARGEST_UPLOAD_PERCENT + 1) // 100
    return {
        "duration": draws.first("session", event, _LONGEST_SESSION + 1),
        "volume_total": total,
        "volume_upload": upload,
        "volume_download": total - upload,
    }


def _topups(event: Ints, draws: Draws) -> dict[str, Ints]:
    recharge = 100 * (1 + draws.below("recharge", event, _LARGEST_RECHARGE))
    before = draws.below("balance", event, _LARGEST_BALANCE + 1)
    return {
        "recharge_amount": recharge,
        "airtime_fee": np.full(len(event), _AIRTIME_FEE),
        "tax_and_fee": (recharge + _AIRTIME_FEE) * _TAX_PERCENT // 100,
        "pre_event_balance": before,
        "post_event_balance": before + recharge,
    }
