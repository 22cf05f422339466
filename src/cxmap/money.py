"""Currencies: how many digits their minor unit has, and how an amount reads."""

NO_DIGITS = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"),
    *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
)
MANY_DIGITS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
"""Currencies whose minor unit is none, or a thousandth."""


def digits(currency: str) -> int:
    """Return how many digits the minor unit of a currency has: cents 2, yen 0."""
    if currency in MANY_DIGITS:
        return 3

    return 0 if currency in NO_DIGITS else 2


def amount(minor: int, currency: str) -> str:
    """Return minor units as people read them: `EUR 1,234`, small ones `EUR 7.50`."""
    places = digits(currency)
    whole = minor / 10**places
    shown = places if abs(whole) < 10 else 0

    return f"{currency} {whole:,.{shown}f}"
