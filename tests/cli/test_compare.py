"""`compare`, and what opens a report, as cron and people see them."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import jsonschema
import pytest
from commands import command

from cxmap.errors import Exit
from cxmap.views.comparison import comparison_schema
from cxmap.views.data import scorecard_schema

NOW = "2026-07-01T00:00:00Z"

CONFIG = """\
timezone: Europe/Berlin
sources: {calls: {profile: generic_contacts, files: contacts.csv}}
annotations: [{from: 2026-05-11, text: new chat tool}]
"""

Row = tuple[str, str, str, bool]
"""Day, channel, topic, and whether it was abandoned."""


def world() -> Iterator[Row]:
    """Six contacts a day; from May on chats about billing are mostly abandoned."""
    for day in range(1, 29):
        for month in (4, 5):
            for place in range(12):
                channel = ("voice", "chat")[place % 2]
                topic = ("billing", "delivery", "repair")[place % 3]
                bad = month == 5 and (channel, topic) == ("chat", "billing")
                abandoned = (day + place) % 3 > 0 if bad else (day + place) % 10 == 0
                yield f"2026-0{month}-{day:02}", channel, topic, abandoned
    yield "2026-03-20", "voice", "billing", False
    yield "2026-06-29", "voice", "billing", False


def cxmap(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return command(*words, "--now", NOW, cwd=cwd)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    lines = ["source_contact_id,channel,started_at,topic,disposition,email"]
    for place, (day, channel, topic, abandoned) in enumerate(world()):
        ended = "abandoned" if abandoned else "handled"
        lines.append(
            f"{place},{channel},{day}T10:{place % 60:02}:00Z,{topic},{ended},"
            f"p{place}@example.test"
        )
    (folder / "contacts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "cxmap.yaml").write_text(CONFIG, encoding="utf-8")
    done = cxmap("ingest", "-q", cwd=folder)
    assert done.returncode == 0, done.stderr

    return folder


def rate(rows: Sequence[Row]) -> float:
    return sum(r[3] for r in rows) / len(rows)


def of(month: str, **only: str) -> list[Row]:
    return [
        r
        for r in world()
        if r[0].startswith(f"2026-{month}")
        and r[1] == only.get("channel", r[1])
        and r[2] == only.get("topic", r[2])
    ]


def test_two_months_are_split_as_plain_counting_does(store: Path) -> None:
    done = cxmap(
        "compare", "2026-04", "2026-05", "--by", "topic", "-f", "json", cwd=store
    )
    told = json.loads(done.stdout)
    jsonschema.validate(told, comparison_schema())
    (moved,) = (m for m in told["kpis"] if m["kpi"] == "abandonment_rate")
    cells = {
        c["by"]["topic"]: c for c in told["cells"] if c["kpi"] == "abandonment_rate"
    }

    assert (done.returncode, done.stderr) == (0, "")
    assert moved["a"]["value"] == pytest.approx(rate(of("04")))
    assert moved["b"]["value"] == pytest.approx(rate(of("05")))
    assert moved["marked"]
    assert moved["mix"] == pytest.approx(0, abs=1e-12)
    assert moved["mix"] + moved["rate"] == pytest.approx(moved["change"], abs=1e-12)
    billing = rate(of("05", topic="billing")) - rate(of("04", topic="billing"))
    assert cells["billing"]["rate"] == pytest.approx(billing / 3)
    assert "annotated 2026-05-11: new chat tool (in B)" in told["notes"]


def test_the_cell_that_was_planted_opens_the_report(store: Path) -> None:
    done = cxmap("report", "--since", "2026-05", "-f", "json", cwd=store)
    card = json.loads(done.stdout)
    jsonschema.validate(card, scorecard_schema())
    found = {one["kpi"]: one for one in card["findings"]}["abandonment_rate"]
    here = [of(m, channel="chat", topic="billing") for m in ("04", "05")]

    assert found["by"] == {"channel": "chat", "topic": "billing"}
    assert (found["value_before"], found["value"]) == pytest.approx([*map(rate, here)])
    carried = (rate(here[1]) - rate(here[0])) / 6
    assert found["contribution"] == pytest.approx(carried)
    assert found["share"] == pytest.approx(carried / (rate(of("05")) - rate(of("04"))))


def test_people_read_it_before_the_numbers_unless_nothing_is_compared(
    store: Path,
) -> None:
    shown = cxmap("report", "--since", "2026-05", cwd=store).stdout
    alone = cxmap("report", "--since", "2026-05", "--compare", "none", cwd=store).stdout

    assert shown.splitlines()[4] == "What changed"
    assert "of the rise is chat × billing" in " ".join(shown.split())
    assert "What changed" not in alone


def test_two_segments_are_compared_within_a_period(store: Path) -> None:
    words = ("compare", "channel=voice", "channel=chat", "--since", "2026-05")
    told = json.loads(cxmap(*words, "-f", "json", cwd=store).stdout)
    (moved,) = (m for m in told["kpis"] if m["kpi"] == "abandonment_rate")

    assert told["by"] == ["topic"]
    assert moved["a"]["value"] == pytest.approx(rate(of("05", channel="voice")))
    assert moved["b"]["value"] == pytest.approx(rate(of("05", channel="chat")))
    assert moved["mix"] + moved["rate"] == pytest.approx(moved["change"], abs=1e-12)
    assert told["findings"][0]["by"] == {"topic": "billing"}


def test_before_and_after_a_day_is_of_whole_weeks(store: Path) -> None:
    """1 May 2026 is a Friday; its own day is after it, at midnight in Berlin."""
    done = cxmap("compare", "--before-after", "2026-05-01", "-f", "md", cwd=store)

    assert done.returncode == 0, done.stderr
    assert (
        "before (A), 3 Apr – 30 Apr 2026, with after (B), 1 May – 28 May 2026"
        in done.stdout
    )
    assert "of the rise is chat × billing" in done.stdout
    assert "(in after)" in done.stdout


def test_a_side_that_holds_nobody_is_told_where_a_form_has_no_notes(
    store: Path,
) -> None:
    words = ("compare", "channel=voice", "channel=chta", "--since", "2026-05")
    done = cxmap(*words, "-f", "csv", "--part", "kpis", cwd=store)

    assert done.returncode == 0
    assert done.stderr == (
        "cxmap: warning: nobody is in B, channel=chta: did you mean channel=chat? "
        "rows of the period have chat, voice\n"
    )
    assert "nobody is in" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2026-05",), "name two sides"),
        (("2026-04", "2026-05", "-f", "csv"), "--part"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_a_reason(
    words: tuple[str, ...], said: str, store: Path
) -> None:
    done = cxmap("compare", *words, cwd=store)

    assert done.returncode == Exit.USAGE
    assert done.stdout == ""
    assert said in done.stderr
