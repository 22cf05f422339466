"""A mapping for an export that no profile knows, drafted from what its columns say."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from rapidfuzz import fuzz

from cxmap.desk.heading import headings
from cxmap.sources.flat import folded
from cxmap.sources.forms import read_form
from cxmap.sources.read import Peek

SURE = 90
"""How alike, of 100, a column's name must be to one that is known, to be taken."""
LIKELY = 75
"""How alike it must be to be asked about."""

FORMS = (
    "iso8601",
    "rfc2822",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
)
"""The forms of time that a column is tried with."""

CONTACT = {
    "source_contact_id": (
        *("source contact id", "contact id", "ticket id", "case id", "call id", "id"),
        *("conversation id", "interaction id", "session id", "ticket number", "number"),
        *("case number", "ticket", "reference", "ticketnummer", "vorgangsnummer"),
    ),
    "started_at": (
        *(
            "started at",
            "created at",
            "created",
            "created time",
            "created on",
            "opened",
        ),
        *(
            "start time",
            "start",
            "date",
            "opened at",
            "call start",
            "call date",
            "time",
        ),
        *("datetime", "timestamp", "creation date", "erstellt am", "beginn", "datum"),
    ),
    "ended_at": ("ended at", "end time", "end", "call end", "finished at", "ende"),
    "answered_at": ("answered at", "answer time", "connected at"),
    "resolved_at": ("resolved at", "resolved", "resolved time", "solved at", "solved"),
    "closed_at": ("closed at", "closed", "closed time", "close date"),
    "updated_at": ("updated at", "last update time", "last updated", "modified at"),
    "channel": ("channel", "source", "via", "contact channel", "media type", "kanal"),
    "direction": ("direction", "call direction", "call type", "richtung"),
    "status": ("status", "state", "ticket status"),
    "topic_raw": (
        *("topic", "category", "reason", "contact reason", "subject category", "thema"),
        *("issue type", "type", "kategorie", "grund"),
    ),
    "team": ("team", "group", "department", "assigned group", "gruppe", "abteilung"),
    "agent_id": ("agent", "agent id", "assignee", "owner", "agent name", "bearbeiter"),
    "queue": ("queue", "line", "inbox", "skill", "warteschlange"),
    "language": ("language", "locale", "sprache"),
    "priority": ("priority", "prio"),
}
"""What columns of contacts are called."""

PEOPLE = {
    "email": ("email", "e-mail", "customer email", "email address", "requester email"),
    "phone": (
        *("phone", "phone number", "caller", "caller id", "customer phone", "from"),
        *("ani", "telephone", "mobile", "telefon", "rufnummer"),
    ),
    "external_id": ("external id", "customer id", "customer number", "kundennummer"),
}
"""What columns with identifiers of customers are called."""

CHANNELS = {
    "voice": ("call", "phone", "voice", "telefon", "anruf", "hotline"),
    "chat": ("chat",),
    "email": ("mail", "ticket", "case"),
    "bot": ("bot",),
    "in_person": ("visit", "branch", "store", "filiale"),
}
"""What files of one channel are called."""

ASKED = ("channel", "direction", "status")
"""Columns whose words must be explained before they say anything."""
ESSENTIAL = ("source_contact_id", "started_at")
TELLING = (
    *("channel", "direction", "answered_at", "resolved_at", "closed_at"),
    *("team", "agent_id", "queue"),
)
"""Columns that only contacts have; every table has rows with a number and a date."""
ANY_ID = ("contact id", "id", "number", "reference")
"""What ids of anything are called; the other names of ids are those of contacts."""
WORD = re.compile(r"[^0-9a-z\u00df-\uffff]+")


@dataclass(frozen=True)
class Draft:
    """A profile to begin with."""

    text: str
    """YAML; what is only likely is a comment that begins with `# ?`."""
    sure: tuple[str, ...]
    """The columns of contacts it fills."""


@dataclass(frozen=True)
class _Guess:
    column: str
    alike: float
    how: str = ""

    @property
    def sure(self) -> bool:
        return self.alike >= SURE


def draft(head: Peek, name: str) -> Draft | None:
    """Return a profile for a strange file; None where its id or start is uncertain.

    None also where nothing tells that its rows are contacts, and not the brands,
    accounts or refunds of a system: they would be counted as if customers had called.
    What is certain fills a column; what is likely is asked in a comment. No cell of
    the file is written, only the names of its columns.
    """
    if head.format not in ("delimited", "xlsx") or headings(head) is None:
        return None
    unique = [n for n in head.names if _is_simple(n)]
    fields = _guesses(head, unique, CONTACT)
    sure = {f: guess for f, guess in fields.items() if guess.sure and f not in ASKED}
    if any(field not in sure for field in ESSENTIAL) or not _of_contacts(fields):
        return None
    taken = {guess.column for guess in fields.values() if guess.sure}
    people = _guesses(head, [n for n in unique if n not in taken], PEOPLE)
    lines = [
        f"profile: {name}",
        "system: any",
        f"title: {json.dumps(f'Drafted from the columns of {name}')}",
        "# Lines with `# ?` are questions: answer them, or take them out.",
        *_detect(sure),
        f"key: {_quoted(sure['source_contact_id'].column)}",
        *_version(sure),
        *_channel(fields, name),
        "contact:",
        *_lines(fields),
        *_identifiers(people),
        *_left(unique, fields, people),
    ]

    return Draft("\n".join(lines) + "\n", tuple(sure))


def _guesses(
    head: Peek, columns: Sequence[str], known: Mapping[str, Sequence[str]]
) -> dict[str, _Guess]:
    """Return the best column for every field; each column serves once."""
    pairs = sorted(
        (
            (-max(fuzz.ratio(_plain(column), word) for word in words), rank, column)
            for rank, words in enumerate(known.values())
            for column in columns
        ),
        key=lambda pair: (pair[0], pair[1], columns.index(pair[2])),
    )
    names = list(known)
    found: dict[str, _Guess] = {}
    used: set[str] = set()
    for score, rank, column in pairs:
        field = names[rank]
        if -score < LIKELY or field in found or column in used:
            continue
        guess = _judged(head, field, _Guess(column, -score))
        if guess is not None:
            found[field] = guess
            used.add(column)

    return found


def _of_contacts(fields: Mapping[str, _Guess]) -> bool:
    """Tell whether a name among the columns is one that only contacts have."""
    own_id = _plain(fields["source_contact_id"].column) not in ANY_ID

    return own_id or any(name in fields and fields[name].sure for name in TELLING)


def _judged(head: Peek, field: str, guess: _Guess) -> _Guess | None:
    """Return the guess as far as the cells bear it out; None where they do not."""
    cells = head.rows[guess.column].drop_nulls()
    if field == "source_contact_id":
        alone = cells.len() == head.rows.height and cells.n_unique() == cells.len()
        return guess if alone and cells.len() else None
    if field.endswith("_at"):
        forms = [form for form in FORMS if _reads(cells, form)]
        if not forms:
            return None
        doubt = len({_day_first(form) for form in forms}) > 1
        return _Guess(guess.column, 0 if doubt else guess.alike, forms[0])

    return guess if cells.len() else None


def _reads(cells: pl.Series, form: str) -> bool:
    texts = cells.str.strip_chars().alias("text").to_frame()
    return bool(cells.len()) and read_form(texts, form)["naive"].null_count() == 0


def _day_first(form: str) -> str:
    return form[:2] if form.startswith("%") else form


def _lines(fields: Mapping[str, _Guess]) -> Iterator[str]:
    for field in CONTACT:
        guess = fields.get(field)
        if guess is None or field == "channel":
            continue
        column = _quoted(guess.column)
        value = f"{{from: {column}, time: {_quoted(guess.how)}}}"
        if field in ASKED:
            value = f"{{from: {column}, unmapped: unknown, map: {{}}}}"
            yield f"  # ? {field}: {value}  # say what its words mean"
            continue
        said = f"{field}: {value if guess.how else column}"
        yield f"  {said}" if guess.sure else f"  # ? {said}"


def _channel(fields: Mapping[str, _Guess], name: str) -> Iterator[str]:
    guess = fields.get("channel")
    if guess is not None:
        column = _quoted(guess.column)
        yield f"# ? contact.channel: {{from: {column}, map: {{phone: voice}}}}"
    plain = _plain(name)
    found = (c for c, words in CHANNELS.items() if any(word in plain for word in words))
    yield f"const: {{channel: {next(found, 'unknown')}}}  # ? is that its channel"


def _detect(sure: Mapping[str, _Guess]) -> Iterator[str]:
    columns = ", ".join(_quoted(guess.column) for guess in sure.values())
    yield f"detect: {{header_all: [{columns}]}}"


def _version(sure: Mapping[str, _Guess]) -> Iterator[str]:
    guess = sure.get("updated_at")
    if guess is None:
        yield "latest: load"
    else:
        column, form = _quoted(guess.column), _quoted(guess.how)
        yield f"version_at: {{from: {column}, time: {form}}}"


def _identifiers(people: Mapping[str, _Guess]) -> Iterator[str]:
    sure = [kind for kind, guess in people.items() if guess.sure]
    if sure:
        yield "identifiers:"
    for kind, guess in people.items():
        said = f"{{kind: {kind}, from: {_quoted(guess.column)}}}"
        yield f"  - {said}" if guess.sure else f"  # ? - {said}"


def _left(columns: Sequence[str], *used: Mapping[str, _Guess]) -> Iterator[str]:
    taken = {guess.column for fields in used for guess in fields.values()}
    left = [column for column in columns if column not in taken]
    if left:
        yield "# Columns that are not read:"
        yield from (f"#   {_quoted(column)}" for column in left)


def _plain(name: str) -> str:
    return WORD.sub(" ", folded(name)).strip()


def _is_simple(name: str) -> bool:
    """Tell whether a profile can name the column so, and mean only it."""
    return not re.search(r"\[\d+\]$|^/.*/$|\$\{", name) and name.isprintable()


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)
