"""Room 3: contacts become links and journeys."""
