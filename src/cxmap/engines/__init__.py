"""Where the rooms run."""
