"""Room 1: exports become records and rejects."""
