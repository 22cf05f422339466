"""Text from outside is shown on one line and never obeyed."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.text import safe

ANY = st.text(st.characters(), max_size=80)
HARMFUL = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "a\x00b",
    "a\rb",
    "a\nb",
    "\x9b31m",
    "\u202egnp.exe",
    "a\u200bb",
    "\ufeffx",
    "\U000e0041",
    "\ud800",
]
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that steer a terminal, hide text or forge a line."""


def unsafe(character: str) -> bool:
    return unicodedata.category(character) in UNSAFE


@pytest.mark.parametrize("text", HARMFUL)
def test_what_steers_a_terminal_is_shown_as_an_escape(text: str) -> None:
    shown = safe(text)

    assert shown != text
    assert "\\" in shown
    assert not any(unsafe(character) for character in shown)


@given(ANY)
@settings(max_examples=100)
def test_no_character_of_an_unsafe_category_passes(text: str) -> None:
    assert not any(unsafe(character) for character in safe(text))


@given(ANY)
@settings(max_examples=100)
def test_shown_text_is_one_line(text: str) -> None:
    assert len(safe(text).splitlines()) <= 1


@given(ANY)
@settings(max_examples=100)
def test_showing_shown_text_changes_nothing(text: str) -> None:
    assert safe(safe(text)) == safe(text)


@given(ANY)
@settings(max_examples=100)
def test_only_unsafe_characters_are_changed(text: str) -> None:
    harmless = "".join(c for c in text if not unsafe(c) and c < "\U000e0000")

    assert safe(harmless) == harmless


def test_every_unsafe_character_of_unicode_is_caught() -> None:
    passed = [
        f"U+{code:04X}"
        for code in range(0x110000)
        if unsafe(chr(code)) and safe(chr(code)) == chr(code)
    ]

    assert passed == []


@pytest.mark.parametrize("value", [None, 3, 0.5, ("a", "b")])
def test_anything_can_be_shown(value: object) -> None:
    assert safe(value) == str(value)


def test_letters_of_any_script_stay_as_they_are() -> None:
    for text in ("Ärger über Umzug", "請求|返金", "שלום", "naïve café", "🙂"):
        assert safe(text) == text
