"""Room 5: the numbers worth watching; one file per KPI."""
