"""Phone numbers in E.164, as the phonenumbers library reads them, only faster."""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

PREFIXES = re.compile(r"(?:tel|sips?|whatsapp|callto|sms):", re.IGNORECASE)

WITHHELD = frozenset(
    (
        *("anonymous", "restricted", "unknown", "private", "withheld", "unavailable"),
        *("blocked", "hidden", "masked", "anonym", "unbekannt"),
    )
)
KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
KEYPAD = frozenset(
    word.translate(KEYS)
    for word in ("anonymous", "restricted", "unavailable", "unknown", "blocked")
)
"""What networks send for a caller who withholds: the word, spelt on the keypad."""

BARE_KEYPAD = 9
"""Digits from which such a code is believed without its +."""

PLAIN = re.compile(r"\+[1-9]\d{6,14}")
DIGITS = re.compile(r"(?!0+$)\d{7,15}")
GAPS = re.compile(r"[ ()./\-]")
LONGEST = 250


def normalise(number: str, region: str | None) -> tuple[str, str | None]:
    """Return a number in E.164, and its flag: `withheld`, `malformed` or None.

    A number without + is one of `region`; where none is known it stays its digits,
    which meet only the same digits. Lengths that are possible suffice, but for
    numbers that lack their area code. What is no number comes back in lower case.
    """
    dialled = PREFIXES.sub("", number.strip(), count=1)
    if PREFIXES.match(number.strip()):
        dialled = re.split(r"[@;]", dialled)[0]
    word = dialled.strip().casefold()
    if word in WITHHELD or spells_withheld(word):
        return word.lstrip("+"), "withheld"
    if is_plain(word):
        return word, None

    return _by_library(dialled, region) or _by_digits(word, region)


def _by_library(dialled: str, region: str | None) -> tuple[str, str | None] | None:
    try:
        parsed = phonenumbers.parse(dialled[:LONGEST], region)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if (
        reason != phonenumbers.ValidationResult.IS_POSSIBLE
        or not parsed.national_number
    ):
        return None

    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164), None


def _by_digits(word: str, region: str | None) -> tuple[str, str | None]:
    digits = GAPS.sub("", word)
    if region is None and DIGITS.fullmatch(digits):
        return digits, None

    return word, "malformed"


def spells_withheld(word: str) -> bool:
    """Tell whether a number is a word for a withheld one, spelt on the keypad."""
    digits = word.lstrip("+")
    return digits in KEYPAD and (word != digits or len(digits) >= BARE_KEYPAD)


def is_plain(number: str) -> bool:
    """Tell whether the library would leave `number` as it is: sure, but not always.

    True only of a number in E.164 already: known country, a possible length of it,
    nothing that could be taken for a trunk prefix.
    """
    if not PLAIN.fullmatch(number):
        return False
    for digits in (1, 2, 3):
        country = _country(int(number[1 : 1 + digits]))
        if country is not None:
            lengths, trunk = country
            national = number[1 + digits :]
            return len(national) in lengths and not trunk.match(national)

    return False


@cache
def _country(code: int) -> tuple[frozenset[int], re.Pattern[str]] | None:
    """Return the possible lengths of a country code, and its trunk prefixes."""
    region = phonenumbers.region_code_for_country_code(code)
    if region == phonenumbers.phonenumberutil.UNKNOWN_REGION:
        return None
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if metadata is None or metadata.general_desc is None:
        return None
    lengths = frozenset(metadata.general_desc.possible_length)
    prefix = metadata.national_prefix_for_parsing

    return lengths, re.compile(f"0|(?:{prefix})" if prefix else "0")
