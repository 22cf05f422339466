"""E-mail addresses made comparable, and the boxes that are no person's."""

import re
import unicodedata

import polars as pl
from email_validator import (
    SPECIAL_USE_DOMAIN_NAMES,
    EmailNotValidError,
    validate_email,
)

from cxmap.sources.nobody import comparable, is_nobody, words

Normalised = tuple[str, str | None]
"""A value made comparable, and why it is not trusted."""

PLAIN_EMAIL = re.compile(
    r"[a-z0-9_+%-]+(?:\.[a-z0-9_+%-]+)*"
    r"@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,60}"
)
"""Addresses that a full syntax check leaves as they are, unless a piece is LONG."""

LONG = re.compile(r"[^.@]{64}")
LOCAL_LIMIT, EMAIL_LIMIT = 64, 254

LOCAL = "^([^@]*)@"

SAMPLE = "customer@example.com"
"""The requester of Zendesk's sample ticket, the same in every account."""

NOBODY_LOCALS = words(
    "noreply no-reply no_reply no.reply donotreply do-not-reply do_not_reply "
    "mailer-daemon mailerdaemon postmaster bounce bounces anonymous unknown none null "
    "nobody test tester testing example sample na n.a undisclosed "
    "undisclosed-recipients",
)
ROLE_LOCALS = words(
    "info support office sales admin administrator contact contacts help helpdesk "
    "hello service services customerservice customer.service customerservices "
    "customersupport customercare kundenservice enquiries enquiry inquiries team mail "
    "email billing accounts accounting invoice invoices finance orders order hr jobs "
    "marketing press reception webmaster hostmaster abuse security feedback "
    "returns shop store booking bookings reservations",
)

DISPLAY = re.compile(r".*<([^<>]*)>", re.S)


def email(value: str) -> Normalised:
    """Return an e-mail address in comparable form, and its flag.

    NFKC, without display name and `mailto:`, casefolded, syntax checked without
    DNS; look-alike letters stay different and are flagged.
    """
    address = value if PLAIN_EMAIL.fullmatch(value) else _bare_address(value)
    if is_nobody(address):
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
    library would refuse them, so it sees them under another top of that length.
    """
    above, _, top = address.rpartition(".")
    set_aside = top in SPECIAL_USE_DOMAIN_NAMES
    seen = f"{above}.{'c' * len(top)}" if set_aside else address
    try:
        checked = validate_email(
            seen, check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError:
        return None
    if set_aside:
        return checked.normalized[: -len(top)] + top

    return checked.normalized


def _bare_address(value: str) -> str:
    address = comparable(value).casefold()
    if "<" in address:
        shown = DISPLAY.fullmatch(address)
        address = shown[1].strip() if shown else address

    return address.removeprefix("mailto:").strip()


def are_plain(value: pl.Expr) -> pl.Expr:
    """Tell which addresses are comparable as they stand, as `email` would find."""
    return (
        value.str.contains(f"^(?:{PLAIN_EMAIL.pattern})$")
        & ~value.str.contains(LONG.pattern)
        & (value.str.extract(LOCAL).str.len_bytes() < LOCAL_LIMIT)
        & (value.str.len_bytes() <= EMAIL_LIMIT)
    )


def mailboxes(value: pl.Expr) -> pl.Expr:
    """Return the flags of plain addresses, as `email` gives them."""
    local = value.str.extract(LOCAL)
    role = local.str.extract(r"^([^+]*)").is_in(sorted(ROLE_LOCALS))
    nobody = local.is_in(sorted(NOBODY_LOCALS)) | (value == SAMPLE)

    return (
        pl.when(nobody)
        .then(pl.lit("placeholder"))
        .when(role)
        .then(pl.lit("role_mailbox"))
    )


def _is_plain(address: str, local: str) -> bool:
    return (
        bool(PLAIN_EMAIL.fullmatch(address))
        and not LONG.search(address)
        and len(local) < LOCAL_LIMIT
        and len(address) <= EMAIL_LIMIT
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
