"""Queries of the family raster."""
