"""FlowDB: the database of FlowKit — cluster, configuration, schema, roles and synthetic data."""

from importlib.metadata import version

__version__ = version("flowdb")
__all__ = ["__version__"]
