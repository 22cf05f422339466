"""Room 2: identifiers become customers."""
