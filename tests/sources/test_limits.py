"""What a profile says its exports can never tell, and what lifts it."""

from pathlib import Path

import pytest

from cxmap.errors import ConfigError
from cxmap.sources.profile import (
    Profile,
    load_profile,
    mapping_hash,
    resolve,
    shipped_profiles,
)

PROFILE = """
profile: desk
system: desk
title: A help desk
limits:
  - no phone calls
  - {{says: messages are invisible, unless: [{unless}]}}
parts:
  cases:
    key: id
    contact: {{source_contact_id: id, started_at: {{from: at, time: iso8601}}}}
  messages:
    key: id
    contact: {{source_contact_id: case}}
"""


def desk(folder: Path, *, unless: str = "messages", text: str = PROFILE) -> Profile:
    path = folder / "desk.yaml"
    path.write_text(text.format(unless=unless))
    return load_profile(path)


@pytest.mark.parametrize(
    ("held", "limits"),
    [
        ((), ("no phone calls", "messages are invisible")),
        (("cases",), ("no phone calls", "messages are invisible")),
        (("cases", "messages"), ("no phone calls",)),
    ],
)
def test_a_limit_stands_until_a_part_that_lifts_it_is_held(
    tmp_path: Path, held: tuple[str, ...], limits: tuple[str, ...]
) -> None:
    assert desk(tmp_path).limits_of(held) == limits
    assert resolve(desk(tmp_path)).limits_of(held) == limits


def test_a_limit_that_no_part_can_lift_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="limits: no part mesages"):
        desk(tmp_path, unless="mesages")


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("no phone calls", "no letters"),
        ("title: A help desk", "title: The help desk"),
        ("limits:", "traps: [a case is shown twice]\nlimits:"),
        ("limits:", "ignored: [words]\nlimits:"),
    ],
)
def test_what_a_profile_says_of_itself_changes_no_row(
    tmp_path: Path, said: str, instead: str
) -> None:
    before = desk(tmp_path)
    after = desk(tmp_path, text=PROFILE.replace(said, instead))

    assert before != after
    assert mapping_hash(before, {}, "key") == mapping_hash(after, {}, "key")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("zendesk_csv", True),
        ("zendesk_tickets", True),
        ("amazon_connect", False),
        ("asterisk_queue_log", False),
        ("generic_contacts", False),
    ],
)
def test_ticket_exports_say_that_switches_inside_a_ticket_are_invisible(
    name: str, told: bool
) -> None:
    said = " ".join(shipped_profiles()[name].limits_of(()))

    assert ("only ticket-level rows given" in said) == told
