"""How one file's bytes become rows of text, rejects and a balanced count."""
