"""A synthetic company with a known truth, written as vendor exports."""
