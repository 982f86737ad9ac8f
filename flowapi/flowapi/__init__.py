"""FlowKit's HTTP interface to FlowMachine."""

from importlib.metadata import version

__version__ = version("flowapi")

__all__ = ["__version__"]
