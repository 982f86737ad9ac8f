"""What queries share: events, sightings, hours, directions, fields."""
