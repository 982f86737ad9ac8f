"""Places: the bundled country, and regions loaded from files."""
