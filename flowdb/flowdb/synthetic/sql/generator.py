"""The SQL generator."""
