"""Expressions of profiles: parsed where they are written, before data is read."""

import re

import polars as pl

ROWS = 3
"""Rows of the trial table: an expression that looks only at its own row keeps them."""

QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")

REFUSED = {
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE): advice
    for words, advice in {
        r"SELECT|EXISTS": "a query cannot stand here; write one expression",
        r"OVER": "looks at other rows; use `fold` for that",
        r"(?:MAX|MIN|SUM|AVG|COUNT|FIRST|LAST|MEDIAN|MODE|QUANTILE\w*|STDDEV\w*|STDEV"
        r"|VAR\w*|CORR|COVAR\w*|ARRAY_AGG|STRING_AGG|LISTAGG|APPROX\w*)(?=\s*\()": (
            "looks at other rows; use `fold` for that"
        ),
        r"CAST(?=\s*\()": "CAST stops at the first bad cell; write TRY_CAST",
        r"STRPTIME|TIMESTAMP|DATE(?=\s*\()|TIME(?=\s*\()": (
            "times are read with the key `time`"
        ),
        r"NOW|CURRENT_\w+|RAND\w*": "would give another answer tomorrow",
    }.items()
}


def parse(text: str) -> pl.Expr:
    """Return the SQL expression `text`.

    One expression over the columns of a row: no query, no file, no aggregate, no
    clock, and no cast that one bad cell could stop. Raises ValueError saying what
    is wrong.
    """
    bare = QUOTED.sub("''", text)
    if "::" in bare:
        raise ValueError("a cast stops at the first bad cell; write TRY_CAST")
    for words, advice in REFUSED.items():
        if words.search(bare):
            raise ValueError(advice)
    try:
        return pl.sql_expr(text)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"is no expression: {_first_line(error)}") from None


def columns(text: str) -> tuple[str, ...]:
    """Return the columns that the expression `text` reads, each once."""
    return tuple(dict.fromkeys(parse(text).meta.root_names()))


def check(text: str, schema: pl.Schema) -> None:
    """Raise ValueError unless `text` can be computed row by row over `schema`."""
    expression = parse(text)
    unknown = [name for name in columns(text) if name not in schema]
    if unknown:
        raise ValueError(f"no column {', '.join(unknown)} here")

    trial = pl.DataFrame({name: [None] * ROWS for name in schema}, schema=schema)
    try:
        height = trial.select(expression).height
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"cannot be computed: {_first_line(error)}") from None
    if columns(text) and height != ROWS:
        raise ValueError("looks at other rows; use `fold` for that")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
