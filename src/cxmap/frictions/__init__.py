"""Room 4: where a journey rubs; one file per friction."""
