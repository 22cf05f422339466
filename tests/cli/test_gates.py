"""`report --fail-on worse` as cron sees it: the code, and what stderr says."""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import command

from cxmap.errors import Exit

NOW = "2026-07-01"
EACH = 400
ABANDONED = {"voice": (0.10, 0.20, 0.35), "chat": (0.10, 0.10, 0.35)}
"""Share of a channel's contacts that were abandoned in March, April and May."""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def cxmap(*words: str, cwd: Path) -> Ran:
    done = command(*words, cwd=cwd)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three months of a service desk whose lines answer ever less."""
    folder = tmp_path_factory.mktemp("desk")
    with (folder / "contacts.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(
            ["source_contact_id", "channel", "started_at", "disposition", "email"]
        )
        for channel, shares in ABANDONED.items():
            for month, share in zip((3, 4, 5), shares, strict=True):
                lines.writerows(_month(channel, month, share))
    done = cxmap("ingest", "-q", "--now", NOW, "contacts.csv", cwd=folder)
    assert done.code == 0, done.err

    return folder


def _month(channel: str, month: int, share: float) -> list[list[str]]:
    first = datetime(2026, month, 1, 1, tzinfo=UTC)
    step = timedelta(days=30) / EACH
    return [
        [
            f"{channel}-{month}-{place}",
            channel,
            (first + place * step).isoformat(timespec="seconds"),
            "abandoned" if place < share * EACH else "handled",
            f"{channel}.{month}.{place}@example.test",
        ]
        for place in range(EACH)
    ]


def gate(desk: Path, *words: str) -> Ran:
    asked = ["report", "-q", "-f", "json", "--now", NOW, "--fail-on", "worse"]
    return cxmap(*asked, *words, cwd=desk)


def test_what_became_worse_twice_running_is_1_and_said(desk: Path) -> None:
    done = gate(desk, "--since", "2026-05")

    assert done.code == Exit.GATE
    assert (
        "cxmap: gate hit: worse two periods running: abandonment_rate: "
        "10.0 % → 15.0 % → 35.0 %\n"
    ) in done.err
    score = next(
        one
        for one in json.loads(done.out)["scores"]
        if one["kpi"] == "abandonment_rate"
    )
    assert score["worse"] is True
    assert [score[key] for key in ("earlier", "previous", "value")] == [0.1, 0.15, 0.35]


def test_a_segment_is_named_and_one_that_fell_once_is_not(desk: Path) -> None:
    words = ["--since", "2026-05", "--kpi", "abandonment_rate", "--by", "channel"]
    done = gate(desk, *words)

    assert done.code == Exit.GATE
    assert ("abandonment_rate, channel voice: 10.0 % → 20.0 % → 35.0 %\n") in done.err
    assert "chat" not in done.err


def test_a_kpi_that_did_not_get_worse_is_0_and_silent(desk: Path) -> None:
    done = gate(desk, "--since", "2026-05", "--kpi", "identified_share")

    assert (done.code, done.err) == (Exit.OK, "")


@pytest.mark.parametrize(
    "words",
    [["--since", "2026-04"], ["--since", "2026-05", "--compare", "year"]],
)
def test_where_a_period_is_not_held_nothing_is_worse(
    desk: Path, words: list[str]
) -> None:
    done = gate(desk, *words, "--kpi", "abandonment_rate")

    assert done.code == Exit.OK
    assert "coverage changed" in done.err
    assert "nothing can be called worse" in done.err
    assert json.loads(done.out)["scores"][0]["worse"] is None


def test_over_nobody_it_is_0_with_a_warning(desk: Path) -> None:
    done = gate(desk, "--since", "2020-01")

    assert done.code == Exit.OK
    assert "--fail-on worse: nobody to count" in done.err


def test_where_inputs_are_missing_it_is_3(desk: Path) -> None:
    done = gate(desk, "--since", "2026-05", "--kpi", "csat")

    assert done.code == Exit.DATA
    assert "--fail-on worse: the data hold no" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--compare", "none"], "--compare none"),
        (["--kpi", "ladder_good"], "no KPI on the scorecard"),
        (["--kpi", "backlog"], "no KPI on the scorecard"),
    ],
)
def test_a_gate_that_could_never_be_hit_is_2(
    desk: Path, words: list[str], said: str
) -> None:
    done = gate(desk, *words)

    assert (done.code, done.out) == (Exit.USAGE, "")
    assert said in done.err


def test_nobody_is_told_who_did_not_ask(desk: Path) -> None:
    words = ["report", "-q", "-f", "json", "--now", NOW, "--since", "2026-05"]
    scores = json.loads(cxmap(*words, cwd=desk).out)["scores"]

    assert {(one["worse"], one["earlier"]) for one in scores} == {(None, None)}


def test_a_hidden_segment_keeps_its_earlier_values_hidden(desk: Path) -> None:
    (desk / "strict.yaml").write_text("privacy: {min_cell: 500}\n", encoding="utf-8")
    words = ["--since", "2026-05", "--by", "channel", "--share", "-c", "strict.yaml"]
    scores = json.loads(gate(desk, *words).out)["scores"]
    hidden = [one for one in scores if one["suppressed"]]

    assert hidden
    assert {(one["earlier"], one["worse"]) for one in hidden} == {(None, None)}


def test_a_new_source_silences_only_the_kpis_that_it_touches(
    desk: Path, tmp_path: Path
) -> None:
    (tmp_path / "desk.csv").write_bytes((desk / "contacts.csv").read_bytes())
    first = datetime(2026, 5, 1, 1, tzinfo=UTC)
    letters = [
        f"m{day},email,{(first + timedelta(days=day)).isoformat()},handled,"
        f"m{day}@example.test\n"
        for day in range(31)
    ]
    header = "source_contact_id,channel,started_at,disposition,email\n"
    (tmp_path / "mail.csv").write_text(header + "".join(letters), encoding="utf-8")
    (tmp_path / "cxmap.yaml").write_text(
        "sources:\n"
        "  desk: {profile: generic_contacts, files: desk.csv}\n"
        "  mail: {profile: generic_contacts, files: mail.csv}\n",
        encoding="utf-8",
    )
    assert cxmap("ingest", "-q", "--now", NOW, cwd=tmp_path).code == 0
    words = ["--kpi", "abandonment_rate", "--kpi", "first_contact_resolution"]

    done = gate(tmp_path, "--since", "2026-05", *words)

    card = json.loads(done.out)
    scores = {one["kpi"]: one for one in card["scores"]}
    assert done.code == Exit.GATE
    assert "worse two periods running: abandonment_rate: 10.0 %" in done.err
    assert "first_contact_resolution cannot be called worse" in done.err
    assert (
        "coverage changed: mail not held in both; "
        "no change is marked for first_contact_resolution"
    ) in card["notes"]
    assert scores["abandonment_rate"]["marked"] is True
    assert scores["first_contact_resolution"]["marked"] is False
    assert scores["first_contact_resolution"]["worse"] is None
    assert scores["first_contact_resolution"]["earlier"] is None


def judged(desk: Path, gate: str, *words: str) -> Ran:
    asked = ["report", "-q", "-f", "json", "--now", NOW, "--since", "2026-05"]
    return cxmap(*asked, "--fail-on", gate, *words, cwd=desk)


def test_a_segment_is_counted_for_a_gate_and_not_shown(desk: Path) -> None:
    done = judged(desk, "abandonment_rate[channel=voice] > 30% and n >= 400")

    assert done.code == Exit.GATE
    assert done.err == (
        "cxmap: gate hit: abandonment_rate[channel=voice] > 30% and n >= 400 "
        "(it is 35.0 %, its n is 400)\n"
    )
    assert all(one["by"] == {} for one in json.loads(done.out)["scores"])


def test_all_gates_are_judged_and_every_hit_is_told(desk: Path) -> None:
    more = ["--fail-on", "csat < 80%", "--fail-on", "abandonment_rate.change > 19%"]
    done = judged(desk, "abandonment_rate > 99%", *more, "--kpi", "transfer_rate")

    assert done.code == Exit.GATE
    assert "gate hit: abandonment_rate.change > 19% (its change is" in done.err
    assert "csat < 80%: the data hold no" in done.err
    assert "> 99%" not in done.err


def test_of_several_figures_each_is_named_with_what_it_is(desk: Path) -> None:
    done = judged(desk, "abandonment_rate > 30% and identified_share.n >= 0")

    assert done.err.startswith("cxmap: gate hit: abandonment_rate > 30% and")
    assert "(abandonment_rate is 35.0 %, identified_share n is " in done.err


def test_an_expression_without_its_inputs_is_3(desk: Path) -> None:
    done = judged(desk, "csat < 80% or abandonment_rate > 99%")

    assert done.code == Exit.DATA
    assert "cxmap: error: --fail-on csat < 80%" in done.err


def test_an_expression_over_nobody_is_0_with_a_warning(desk: Path) -> None:
    done = judged(desk, "not abandonment_rate[channel=fax] < 8%")

    assert done.code == Exit.OK
    assert "nobody to count in this period for abandonment_rate (channel fax)" in (
        done.err
    )


@pytest.mark.parametrize(
    ("gate", "words", "said"),
    [
        ("abandonment_rate > 4h", [], "                     ^"),
        ("abandonment_rate.change > 1%", ["--compare", "none"], "--compare none"),
        ("abandonment_rate.status = off", [], "target is not set"),
    ],
)
def test_an_expression_that_cannot_be_judged_is_2(
    desk: Path, gate: str, words: list[str], said: str
) -> None:
    done = judged(desk, gate, *words)

    assert (done.code, done.out) == (Exit.USAGE, "")
    assert said in done.err


def test_a_change_that_coverage_could_have_made_hits_nothing(desk: Path) -> None:
    done = judged(desk, "abandonment_rate.change > -100%", "--since", "2026-03")

    assert done.code == Exit.OK
    assert "coverage changed" in done.err


def test_a_starter_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    assert cxmap("init", "-q", "--starter", "telecom", cwd=tmp_path).code == Exit.OK
    before = (tmp_path / "cxmap.yaml").read_bytes()
    again = cxmap("init", "-q", "--starter", "bank", cwd=tmp_path)

    assert again.code == Exit.USAGE
    assert "is there already" in again.err
    assert (tmp_path / "cxmap.yaml").read_bytes() == before


def test_targets_from_history_are_printed_to_paste(desk: Path) -> None:
    done = cxmap("init", "--targets", "history", "--now", NOW, cwd=desk)

    assert done.code == Exit.OK
    assert "abandonment_rate: {target: 0." in done.out
    assert "# csat: left out, needs" in done.out
    assert not (desk / "cxmap.yaml").exists()


def test_published_figures_are_a_field_of_their_own(desk: Path) -> None:
    words = ["report", "-q", "-f", "json", "--now", NOW, "--kpi", "abandonment_rate"]
    card = json.loads(cxmap(*words, "--benchmarks", cwd=desk).out)

    assert {one["source"] for one in card["benchmarks"]} == {"Convin", "Talkdesk"}
    assert [one["status"] for one in card["scores"]] == ["–"]
