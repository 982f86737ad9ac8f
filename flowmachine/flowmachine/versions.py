"""The version of this package and the oldest FlowDB it works with."""

from importlib.metadata import version

__version__ = version("flowmachine")
__min_flowdb_version__ = "0.5.0"
