"""Queries of the family location."""
