"""One module per query kind."""
