"""How long FlowKit takes to answer."""
