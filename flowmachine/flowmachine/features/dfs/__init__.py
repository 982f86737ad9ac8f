"""Queries of mobile money."""

from flowmachine.features.dfs.total_amount_for_metric import DFSTotalMetricAmount

__all__ = ["DFSTotalMetricAmount"]
