"""Aggregates over subscribers that have no places."""
