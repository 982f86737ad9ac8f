"""The published FlowMachine and this one over the same data: ``docs/pages/developers/parity.md``."""
