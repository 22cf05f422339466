"""Identifiers made comparable before they are hashed, and those nobody may trust.

What kind of value it was cannot be told from a pseudonym, so it is flagged here. A
change of any rule in this file changes pseudonyms: raise NORMALISATION with it.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

import polars as pl
from email_validator import (
    SPECIAL_USE_DOMAIN_NAMES,
    EmailNotValidError,
    validate_email,
)

from cxmap.sources import phones

NORMALISATION = 1
"""The version of these rules; part of every mapping's hash."""

PLAIN_EMAIL = re.compile(
    r"[a-z0-9_+%-]+(?:\.[a-z0-9_+%-]+)*"
    r"@(?:[a-z0-9]{1,2}\.|[a-z0-9][a-z0-9-]?(?:[a-z0-9]{1,59})\.)+[a-z]{2,60}"
)
"""Addresses that a full syntax check leaves as they are."""

ELSEWHERE = ".com"

LOCAL = "^([^@]*)@"

USUAL_ID = r"^(?:[A-Za-z]+[_-]?[0-9]+|[1-9][0-9]{1,13})$"
"""Ids that no rule changes or distrusts."""

SAMPLE = "customer@example.com"
"""The requester of Zendesk's sample ticket, the same in every account."""

LOCAL_LIMIT, EMAIL_LIMIT = 64, 254


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


NOBODY = _words(
    "0 -1 - -- . ? * none null nil nan na n/a n.a. n.a unknown anonymous anonym test "
    "nobody undefined empty missing unbekannt inconnu desconocido (none) (null) "
    "[none] <none> <null> xxx",
) | {"not available", "not provided", "no name"}
"""What people and systems write where there is nothing."""

NOBODY_LOCALS = _words(
    "noreply no-reply no_reply no.reply donotreply do-not-reply do_not_reply "
    "mailer-daemon mailerdaemon postmaster bounce bounces anonymous unknown none null "
    "nobody test tester testing example sample na n.a undisclosed "
    "undisclosed-recipients",
)
ROLE_LOCALS = _words(
    "info support office sales admin administrator contact contacts help helpdesk "
    "hello service services customerservice customer.service customerservices "
    "customersupport customercare kundenservice enquiries enquiry inquiries team mail "
    "email billing accounts accounting invoice invoices finance orders order hr jobs "
    "marketing press reception webmaster hostmaster abuse security feedback "
    "returns shop store booking bookings reservations",
)

ERRORS = re.compile(r"#(n/a|name\?|ref!|value!|div/0!|null!|num!|error!?|#+)", re.I)
SCIENTIFIC = re.compile(r"[+-]?\d(?:[.,]\d+)?e\+?\d{1,3}", re.I)
FLOATED = re.compile(r"(\d+)[.,]0+")
DIGITS_KEPT = 15
"""Digits a spreadsheet keeps of a number; the rest it writes as zeros."""

DISPLAY = re.compile(r".*<([^<>]*)>", re.S)
ZEROS = re.compile(r"[0.\- ]+")

Normalised = tuple[str, str | None]
"""A value made comparable, and why it is not trusted."""


def normalise(
    kind: str,
    values: pl.Series,
    *,
    region: str | None = None,
    own_numbers: Sequence[str] = (),
) -> pl.DataFrame:
    """Return `normalised` and `flag` for a column of values of a `kind`.

    Rows keep their order; nulls stay null. Every distinct value is judged once.
    E-mails become lower case without display name, phones E.164 of `region`;
    anything else is trimmed text whose leading zeros stay.
    """
    judged = judge(
        kind, values.drop_nulls().unique(), region=region, own_numbers=own_numbers
    )
    column = values.cast(pl.String).alias("value").to_frame()

    return column.join(judged, on="value", how="left", maintain_order="left").select(
        "normalised", "flag"
    )


def judge(
    kind: str,
    distinct: pl.Series,
    *,
    region: str | None = None,
    own_numbers: Sequence[str] = (),
) -> pl.DataFrame:
    """Return `value`, `normalised` and `flag` of different values of a `kind`.

    Most values are settled by their form alone, all at once; the others one by one.
    """
    own = frozenset(phones.normalise(number, region)[0] for number in own_numbers)
    rule = _rule(kind, region, own)
    values = distinct.cast(pl.String).alias("value").to_frame()
    usual = values.select(_usual(kind)).to_series()
    plain = values.filter(usual).with_columns(
        normalised="value", flag=_box() if kind == "email" else pl.lit(None, pl.String)
    )
    rest = values.filter(~usual)
    judged = [rule(value) for value in rest["value"]]
    others = rest.with_columns(
        normalised=pl.Series([value for value, _ in judged], dtype=pl.String),
        flag=pl.Series([flag for _, flag in judged], dtype=pl.String),
    )

    return pl.concat([plain, others])


def _usual(kind: str) -> pl.Expr:
    """Tell which values are comparable as they stand."""
    value = pl.col("value")
    if kind == "phone":
        return value.is_null()
    if kind != "email":
        return value.str.contains(USUAL_ID)
    local = value.str.extract(LOCAL)

    return (
        value.str.contains(f"^(?:{PLAIN_EMAIL.pattern})$")
        & (local.str.len_bytes() <= LOCAL_LIMIT)
        & (value.str.len_bytes() <= EMAIL_LIMIT)
        & ~value.str.contains("xn--", literal=True)
    )


def _box() -> pl.Expr:
    """Return the flags of plain addresses, as `_mailbox` gives them."""
    local = pl.col("value").str.extract(LOCAL)
    role = local.str.extract(r"^([^+]*)").is_in(sorted(ROLE_LOCALS))
    nobody = local.is_in(sorted(NOBODY_LOCALS)) | (pl.col("value") == SAMPLE)

    return (
        pl.when(nobody)
        .then(pl.lit("placeholder"))
        .when(role)
        .then(pl.lit("role_mailbox"))
    )


def _rule(
    kind: str, region: str | None, own: frozenset[str]
) -> Callable[[str], Normalised]:
    if kind == "email":
        return email
    if kind == "phone":
        return lambda value: phone(value, region, own)

    return text


def email(value: str) -> Normalised:
    """Return an e-mail address in comparable form, and its flag.

    NFKC, without display name and `mailto:`, casefolded, syntax checked without
    DNS; look-alike letters stay different and are flagged.
    """
    address = value if PLAIN_EMAIL.fullmatch(value) else _bare_address(value)
    if _is_nobody(address):
        return address, "placeholder"
    local, _, domain = address.rpartition("@")
    if not _is_plain(address, local):
        checked = _checked(address)
        if checked is None:
            return address, "malformed"
        address, local, domain = checked, *checked.rsplit("@", 1)
        if "." not in domain:
            return address, "malformed"
        if _mixes_scripts(address):
            return address, "mixed_script"

    return address, _mailbox(local, domain)


def _checked(address: str) -> str | None:
    """Return the address as the library spells it; None where it has no such form.

    Domains set aside for tests and inner networks are domains like any other; the
    library would refuse them, so it sees them under another top.
    """
    set_aside = address.rpartition(".")[2] in SPECIAL_USE_DOMAIN_NAMES
    seen = address + ELSEWHERE if set_aside else address
    try:
        checked = validate_email(
            seen, check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError:
        return None

    return checked.normalized.removesuffix(ELSEWHERE if set_aside else "")


def _bare_address(value: str) -> str:
    address = _comparable(value).casefold()
    if "<" in address:
        shown = DISPLAY.fullmatch(address)
        address = shown[1].strip() if shown else address

    return address.removeprefix("mailto:").strip()


def phone(value: str, region: str | None, own: frozenset[str]) -> Normalised:
    """Return a phone number in E.164, and its flag; `own` holds the company's."""
    if phones.is_plain(value) and not phones.spells_withheld(value):
        return value, "own_line" if value in own else None
    number = _comparable(value)
    if SCIENTIFIC.fullmatch(number):
        return number.casefold(), "precision_lost"
    floated = FLOATED.fullmatch(number)
    number = floated[1] if floated else number
    normalised, flag = phones.normalise(number, region)
    if normalised in own:
        return normalised, "own_line"
    if flag == "malformed" and _is_nobody(normalised):
        return normalised, "placeholder"
    if _has_lost_digits(number):
        return normalised, "precision_lost"

    return normalised, flag


def text(value: str) -> Normalised:
    """Return an id or handle as trimmed text, and its flag: never as a number."""
    word = _comparable(value)
    floated = FLOATED.fullmatch(word)
    word = floated[1] if floated else word
    if _is_nobody(word.casefold()):
        return word, "placeholder"
    if SCIENTIFIC.fullmatch(word):
        return word, "precision_lost"
    if _has_lost_digits(word):
        return word, "precision_lost"

    return word, None


def _comparable(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip()


def _is_nobody(value: str) -> bool:
    return (
        not value
        or value in NOBODY
        or bool(ZEROS.fullmatch(value) or ERRORS.fullmatch(value))
    )


def _has_lost_digits(word: str) -> bool:
    beyond = word[DIGITS_KEPT:]
    return bool(beyond) and word.isdigit() and not beyond.strip("0")


def _is_plain(address: str, local: str) -> bool:
    return (
        bool(PLAIN_EMAIL.fullmatch(address))
        and len(local) <= LOCAL_LIMIT
        and len(address) <= EMAIL_LIMIT
        and "xn--" not in address
    )


def _mailbox(local: str, domain: str) -> str | None:
    if local in NOBODY_LOCALS:
        return "placeholder"
    if f"{local}@{domain}" == SAMPLE:
        return "placeholder"
    if local.partition("+")[0] in ROLE_LOCALS:
        return "role_mailbox"

    return None


def _mixes_scripts(address: str) -> bool:
    scripts = {
        unicodedata.name(letter, "").partition(" ")[0]
        for letter in address
        if letter.isalpha()
    }
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1
