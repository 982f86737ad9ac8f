"""The import path of the direction that notebooks know."""

from flowmachine.features.utilities.direction import Direction as Direction
