"""The base of the errors that an operator can do something about."""


class FlowDBError(Exception):
    """FlowDB cannot do what was asked; the text says why, for an operator to read."""
