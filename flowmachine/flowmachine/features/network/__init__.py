"""Queries of the family network."""
