"""Asterisk's queue_log: many lines are one call, wherever the log is cut."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

FIGURES = (
    "source_contact_id",
    "queue_seconds",
    "talk_seconds",
    "transfers",
    "disposition",
    "served",
)
CALLS = [
    ("1366720330.303265", 16, 60, 0, "handled", True),
    ("1366720499.303270", 68, None, 0, "abandoned", False),
    ("1366720599.303280", 40, None, 0, "overflowed", False),
    ("1366720699.303290", 3, 87, 1, "handled", True),
    ("1366720799.303300", 12, None, 0, "opted_out", False),
]


@pytest.fixture
def log(shared: Callable[[str], Path]) -> list[str]:
    return shared("vendor/asterisk/queue_log").read_text().splitlines(keepends=True)


@pytest.fixture
def calls(map_text: Any) -> Callable[[list[str]], Any]:
    return lambda lines: map_text("".join(lines), "asterisk_queue_log", region="US")


def test_fourteen_lines_are_five_calls(calls: Any, log: list[str]) -> None:
    file = calls(log)

    assert file.contacts(*FIGURES) == CALLS
    assert file.rejects() == []
    assert file.extracted.accounting.filtered == 2
    assert file.folded.unstarted == 0


def test_the_events_tell_the_call_again(calls: Any, log: list[str]) -> None:
    events = calls(log).folded.events.sort("at", "event_type")
    first = events.filter(events["contact_id"] == "src:1366720330.303265")

    assert first["event_type"].to_list() == ["queued", "rang", "answered", "ended"]


def test_a_call_without_its_first_line_began_before_its_wait(
    calls: Any, log: list[str]
) -> None:
    assert calls(log).contacts("started_at")[-1] == (
        datetime.fromtimestamp(1366720800 - 12, tz=UTC),
    )


def test_a_call_that_only_rang_has_no_start_and_is_counted(calls: Any) -> None:
    folded = calls(["1366720340|1366720330.1|Q|SIP/1|RINGNOANSWER|1000\n"]).folded

    assert folded.contacts.height == 0
    assert folded.unstarted == 1


def test_an_open_call_has_no_end_yet(calls: Any, log: list[str]) -> None:
    contacts = calls(log[2:5]).contacts("ended_at", "disposition", "served")

    assert contacts == [(None, "handled", True)]


def test_a_caller_of_two_calls_is_one_identifier(
    calls: Any, log: list[str], pseudonym: Callable[[str, str], str]
) -> None:
    caller = pseudonym("phone", "+15550001111")
    held = calls(log).identifiers("owner_id", "pseudonym")

    assert [owner for owner, found in held if found == caller] == [
        "1366720330.303265",
        "1366720699.303290",
    ]


def test_wherever_the_log_is_cut_the_calls_are_the_same(
    calls: Any, log: list[str], together: Any
) -> None:
    whole = calls(log).folded.contacts
    for cut in range(1, len(log)):
        # The halves overlap by a line and come in the wrong order.
        later, earlier = calls(log[cut - 1 :]), calls(log[:cut])

        assert together(later, earlier).contacts.equals(whole), cut


def test_a_line_of_no_known_event_is_filtered_not_rejected(calls: Any) -> None:
    file = calls(
        [
            "1366720330|1366720330.1|Q|NONE|ENTERQUEUE||15550001111|1\n",
            "1366720331|1366720330.1|Q|NONE|SOMETHINGNEW|x\n",
        ]
    )

    assert file.extracted.accounting.filtered == 1
    assert "kind" in " ".join(file.extracted.notes)


@pytest.mark.parametrize(
    ("line", "reject"),
    [
        (
            "1366720346|1.1|Q|SIP/1|CONNECT|soon|1.2|5\n",
            (1, "waited", "bad_duration", False),
        ),
        (
            "1366720346|1.1|Q|SIP/1|CONNECT|-4|1.2|5\n",
            (1, "waited", "negative_duration", False),
        ),
        (
            "13667203460000|1.1|Q|NONE|ENTERQUEUE||15550001111|1\n",
            (1, "epoch", "implausible_time", False),
        ),
    ],
)
def test_a_cell_that_cannot_be_read_is_rejected_with_its_line(
    calls: Any, line: str, reject: tuple[object, ...]
) -> None:
    assert calls([line]).rejects() == [reject]
