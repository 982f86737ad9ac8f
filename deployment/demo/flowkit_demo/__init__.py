"""The worked example of FlowKit: from a token to maps."""

from flowkit_demo.worked_example import Answers, run

__all__ = ["Answers", "run"]
