"""Processes are killed at random while clients submit: every accepted query still ends, and all agree."""
