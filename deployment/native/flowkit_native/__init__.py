"""FlowKit on one machine without containers."""
