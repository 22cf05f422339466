"""How the demo's systems put instants, numbers and rows on paper."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cxmap.demo.clock import ZONE

Row = dict[str, Any]


def lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the rows as JSON, one a line."""
    return "".join(compact(row) + "\n" for row in rows).encode()


def compact(row: Mapping[str, Any]) -> str:
    """Return one row as JSON without any blank."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    title: str = "",
) -> bytes:
    """Return delimited text: a title line if there is one, the header, the rows."""
    paper = io.StringIO(newline="")
    writer = csv.writer(paper, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)

    return (title + paper.getvalue()).encode(encoding)


def stamp(at: datetime | None) -> str | None:
    """Return the instant as most systems write it: UTC, to the second, with a Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def offset(at: datetime) -> str:
    """Return the instant as local time with its offset."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def wall(at: datetime) -> str:
    """Return the instant as a clock on the wall shows it, its zone unsaid."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def spaced(phone: str) -> str:
    """Return an E.164 number in groups, as people write it."""
    return f"{phone[:3]} {phone[3:6]} {phone[6:10]} {phone[10:]}".strip()


def national(phone: str) -> str:
    """Return an E.164 number as it is dialled within the country."""
    return "0" + phone[3:]


def call_number(*words: object) -> str:
    """Return a number of the form that Amazon Connect gives, made from `words`."""
    name = "/".join(str(word) for word in words)
    digits = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()

    return "-".join(
        (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    )
