"""A synthetic country at work: cells, subscribers and their calls and messages, repeatable from seeds."""
