"""Queries of the family spatial."""
