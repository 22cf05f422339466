"""What a reader sees: one file per form."""
