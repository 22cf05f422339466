"""YAML read strictly, and everything that is wrong with it told at once."""
