"""Queries of the family subscriber."""
