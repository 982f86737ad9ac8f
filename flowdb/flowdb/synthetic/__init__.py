"""A synthetic country at work: cells, subscribers and their events, made by one of two generators.

``python`` makes people who commute and travel, repeatable from seeds; ``sql`` makes large volumes inside the
database. Both use the same regions, sites and cells, and write days the same way.
"""
