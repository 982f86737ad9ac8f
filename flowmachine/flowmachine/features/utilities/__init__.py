"""What queries share: events, visits, hours, directions, fields."""
