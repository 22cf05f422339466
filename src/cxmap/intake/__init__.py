"""Exports come in: each file finds its source and every row is accounted for."""
