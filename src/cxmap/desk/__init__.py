"""The analyst's desk: what lies behind a number, and what an export is."""
