"""Cells, sites and phone models from an operator's files."""
