"""The front door: words in, a view on stdout, a reason on stderr, a code out."""
