"""Pages that a publisher shows to people only: handed to a person, and closed when the answer comes in."""
