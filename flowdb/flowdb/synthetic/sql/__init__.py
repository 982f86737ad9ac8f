"""The generator that makes rows inside the database: large volumes, moves of homes, disasters."""
