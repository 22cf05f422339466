"""The command line as cron and people see it: streams, codes, and nothing else."""

import csv
import fcntl
import hashlib
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
from commands import command

from cxmap.errors import Exit
from cxmap.store import Store

NOW = "2026-08-01T00:00:00Z"
CANARY = "kanarienvogel"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def cxmap(*words: str, cwd: Path, input: str = "") -> Ran:
    """Run a command without a process of its own."""
    done = command(*words, cwd=cwd, input=input)
    return Ran(done.returncode, done.stdout, done.stderr)


def started(
    *words: str, cwd: Path, env: dict[str, str] | None = None, input: str = ""
) -> Ran:
    """Start a process, as a person or cron does."""
    done = subprocess.run(
        [sys.executable, "-m", "cxmap", *words],
        cwd=cwd,
        env={**os.environ, "CXMAP_CONFIG": "", **(env or {})},
        capture_output=True,
        text=True,
        input=input,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small made-up company, ingested."""
    folder = tmp_path_factory.mktemp("company") / "demo"
    done = cxmap("demo", str(folder), "--people", "60", "-q", cwd=folder.parent)
    assert done.code == 0, done.err

    return folder


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    """A generic contacts file of four contacts."""
    path = tmp_path / "contacts.csv"
    path.write_text(
        "source_contact_id,channel,started_at,topic,disposition,email\n"
        "1,voice,2026-03-02T10:00:00Z,billing,handled,ana@example.test\n"
        "2,email,2026-03-03T10:00:00Z,billing,handled,ana@example.test\n"
        "3,chat,2026-03-04T10:00:00Z,delivery,abandoned,bob@example.test\n"
        f"4,voice,2026-03-05T10:00:00Z,delivery,handled,{CANARY}@example.test\n",
        encoding="utf-8",
    )
    return path


def test_the_demo_shows_a_scorecard_and_says_what_to_do_next(tmp_path: Path) -> None:
    done = started("demo", "here", "--people", "60", cwd=tmp_path)

    assert done.code == 0
    assert "First contact resolution" in done.out
    assert "Next:" in done.err
    again = started("demo", "here", "--people", "60", cwd=tmp_path)
    assert again.out == done.out


def test_the_demo_never_writes_into_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")

    done = cxmap("demo", "mine", cwd=tmp_path)

    assert done.code == Exit.USAGE
    assert "not empty" in done.err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_quiet_run_says_nothing_at_all(company: Path) -> None:
    done = started("ingest", "-q", cwd=company)

    assert done == Ran(0, "", "")


def test_a_quiet_report_to_a_file_says_nothing_at_all(company: Path) -> None:
    done = started("report", "-q", "-o", "card.json", "--now", NOW, cwd=company)

    assert done == Ran(0, "", "")
    assert json.loads((company / "card.json").read_text())["schema"]


def test_cron_needs_no_home_no_terminal_and_no_locale(company: Path) -> None:
    bare = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "cxmap", "report", "--now", NOW],
        cwd=company,
        env=bare,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )

    assert done.returncode == 0
    assert done.stdout.decode("utf-8")
    assert done.stderr == b""


def test_a_stream_that_knows_no_unicode_gets_none(company: Path) -> None:
    narrow = {"PYTHONIOENCODING": "ascii"}
    done = started("report", "--now", NOW, cwd=company, env=narrow)

    assert (done.code, done.err) == (0, "")
    assert done.out.isascii()


def test_the_scorecard_keeps_its_published_shape(company: Path) -> None:
    done = cxmap("report", "-f", "json", "--by", "channel", "--now", NOW, cwd=company)
    from importlib.resources import files

    schema = json.loads(
        (files("cxmap.views") / "scorecard.schema.json").read_text("utf-8")
    )
    card = json.loads(done.out)
    jsonschema.validate(card, schema)

    for key in ("period", "now", "horizon", "coverage", "scores", "frictions"):
        assert key in card
    assert {score["kpi"] for score in card["scores"]} >= {"csat", "nps", "ces"}
    assert any(score["by"] for score in card["scores"])


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "md", "csv"])
def test_every_form_goes_to_stdout_alone(company: Path, form: str) -> None:
    done = cxmap("report", "-f", form, "--now", NOW, cwd=company)

    assert (done.code, done.err) == (0, "")
    assert done.out.strip()


def test_a_global_option_may_stand_on_either_side(company: Path) -> None:
    before = cxmap("--now", NOW, "--tz", "UTC", "report", "-f", "json", cwd=company)
    after = cxmap("report", "-f", "json", "--now", NOW, "--tz=UTC", cwd=company)

    assert before == after


def test_a_closed_pipe_is_no_missed_target(company: Path) -> None:
    done = subprocess.run(  # noqa: S602
        f"{sys.executable} -m cxmap export contacts | head -1; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        cwd=company,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines()[-1] in ("0", str(int(Exit.BROKEN_PIPE)))
    assert done.stderr == ""


def test_a_file_is_ingested_without_any_config(contacts: Path) -> None:
    done = cxmap("ingest", contacts.name, "--now", NOW, cwd=contacts.parent)

    assert done.code == 0, done.err
    assert "generic_contacts" in done.out
    assert "made a new key" in done.err
    listed = cxmap("export", "contacts", cwd=contacts.parent)
    rows = list(csv.DictReader(StringIO(listed.out)))
    assert sorted(row["source_contact_id"] for row in rows) == ["1", "2", "3", "4"]
    assert len({row["customer_id"] for row in rows}) == 3


def test_an_export_holds_what_is_promised(contacts: Path) -> None:
    cxmap("ingest", contacts.name, cwd=contacts.parent)
    promised = {
        "contacts": "contact_id source source_contact_id customer_id journey_id step "
        "channel direction started_at ended_at last_touch_at topic case_id disposition "
        "served resolved queue_seconds first_response_seconds resolution_seconds "
        "transfers reopens agent_id team",
        "journeys": "journey_id customer_id started_at ended_at contacts channels "
        "first_channel last_channel path topic outcome ladder restarts "
        "duration_seconds cost",
        "points": "friction journey_id contact_id at because severity cost",
        "links": "journey_id from_contact_id to_contact_id rule gap_seconds "
        "continuity switch",
    }
    for table, columns in promised.items():
        done = cxmap("export", table, "-f", "csv", cwd=contacts.parent)
        assert set(columns.split()) <= set(done.out.splitlines()[0].split(","))


def test_no_identifier_of_a_customer_is_ever_stored(contacts: Path) -> None:
    cxmap("ingest", contacts.name, cwd=contacts.parent)
    import polars as pl

    for path in (contacts.parent / ".cxmap").rglob("*"):
        if path.suffix == ".parquet":
            assert CANARY not in str(pl.read_parquet(path).to_dicts())
        elif path.is_file():
            assert CANARY.encode() not in path.read_bytes()


def test_the_same_file_twice_is_one(contacts: Path) -> None:
    first = cxmap("ingest", contacts.name, "--now", NOW, cwd=contacts.parent)
    card = cxmap("report", "-f", "json", "--now", NOW, cwd=contacts.parent)
    copy = contacts.with_name("copy-of-contacts.csv")
    copy.write_bytes(contacts.read_bytes())
    again = cxmap("ingest", copy.name, "--now", NOW, cwd=contacts.parent)

    assert (first.code, again.code) == (0, 0)
    assert "already held" in again.out
    assert cxmap("report", "-f", "json", "--now", NOW, cwd=contacts.parent) == card


def test_a_dry_run_keeps_nothing(contacts: Path) -> None:
    done = cxmap("ingest", contacts.name, "--dry-run", cwd=contacts.parent)

    assert done.code == 0
    assert "4" in done.out
    assert sorted(p.name for p in contacts.parent.iterdir()) == [contacts.name]


class TestRefusals:
    """Every error is a reason, a place and a code; never a traceback, never data."""

    def clear(self, ran: Ran, code: Exit) -> str:
        assert ran.code == code, ran.err
        assert ran.out == ""
        assert "Traceback" not in ran.err
        assert CANARY not in ran.err
        return ran.err

    def test_a_path_that_matches_nothing(self, contacts: Path) -> None:
        done = cxmap("ingest", "no-such-*.csv", cwd=contacts.parent)
        assert "no-such-*.csv" in self.clear(done, Exit.DATA)

    def test_an_unreadable_file(self, contacts: Path) -> None:
        (contacts.parent / "broken.csv.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
        done = cxmap(
            "ingest",
            "broken.csv.gz",
            "--source",
            "generic_contacts",
            "-q",
            cwd=contacts.parent,
        )
        assert "broken.csv.gz" in self.clear(done, Exit.DATA)

    def test_a_file_that_nothing_recognises(self, contacts: Path) -> None:
        (contacts.parent / "odd.csv").write_text(f"a,b\n{CANARY},2\n")
        done = cxmap("ingest", "odd.csv", "-q", cwd=contacts.parent)
        assert "--source" in self.clear(done, Exit.DATA)

    def test_a_good_file_is_kept_beside_a_bad_one(self, contacts: Path) -> None:
        (contacts.parent / "odd.csv").write_text(f"a,b\n{CANARY},2\n")
        done = cxmap("ingest", "odd.csv", contacts.name, "-q", cwd=contacts.parent)
        self.clear(done, Exit.DATA)
        held = cxmap("export", "contacts", cwd=contacts.parent)
        assert len(held.out.splitlines()) == 5

    def test_a_file_of_mostly_rejects_changes_nothing(self, contacts: Path) -> None:
        cxmap("ingest", contacts.name, cwd=contacts.parent)
        before = cxmap("export", "contacts", cwd=contacts.parent)
        bad = contacts.with_name("bad.csv")
        head = contacts.read_text().splitlines()[0]
        rows = [f"{n},voice,{CANARY},billing,handled,x@y.test" for n in range(30)]
        bad.write_text("\n".join([head, *rows]) + "\n")
        done = cxmap("ingest", bad.name, "-q", cwd=contacts.parent)
        assert "30 of 30" in self.clear(done, Exit.DATA)
        assert cxmap("export", "contacts", cwd=contacts.parent) == before

    def test_three_mistakes_in_a_config_are_told_at_once(self, tmp_path: Path) -> None:
        (tmp_path / "cxmap.yaml").write_text(
            "timezone: Europe/Berlin\n"
            "sorces: {}\n"
            "repeat: {within: 7}\n"
            "kpis:\n  csat: {target: 80%}\n"
        )
        done = cxmap("report", cwd=tmp_path)
        said = self.clear(done, Exit.USAGE)
        for place in ("cxmap.yaml:2:", "cxmap.yaml:3:", "cxmap.yaml:5:"):
            assert place in said
        assert "did you mean `sources`" in said
        assert said.count("^") >= 3
        assert "3 errors" in said
        begun = [line for line in said.splitlines() if "error: " in line]
        assert len(begun) == 3
        assert all(line.startswith("cxmap: error: ") for line in begun)

    def test_a_store_of_a_newer_version(self, contacts: Path) -> None:
        cxmap("ingest", contacts.name, cwd=contacts.parent)
        newest = max((contacts.parent / ".cxmap").glob("manifest-*.json"))
        body = json.loads(newest.read_text())["manifest"] | {"format": 999}
        sealed = json.dumps(body, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(sealed.encode()).hexdigest()
        later = newest.with_name("manifest-0000000099.json")
        later.write_text(f'{{"digest":"{digest}","manifest":{sealed}}}')
        done = cxmap("report", cwd=contacts.parent)
        assert "newer" in self.clear(done, Exit.USAGE)

    def test_a_wrong_key(self, contacts: Path) -> None:
        cxmap("ingest", contacts.name, cwd=contacts.parent)
        key = contacts.parent / "cxmap.key"
        other = contacts.parent / "other"
        other.mkdir()
        (other / contacts.name).write_bytes(contacts.read_bytes())
        cxmap("ingest", contacts.name, cwd=other)
        key.write_bytes((other / "cxmap.key").read_bytes())
        more = contacts.with_name("more.csv")
        more.write_text(contacts.read_text() + "5,sms,2026-03-06T10:00:00Z,,,\n")
        done = cxmap("ingest", more.name, "-q", cwd=contacts.parent)
        assert "key" in self.clear(done, Exit.USAGE)

    def test_a_missing_key(self, contacts: Path) -> None:
        cxmap("ingest", contacts.name, cwd=contacts.parent)
        (contacts.parent / "cxmap.key").unlink()
        done = cxmap("ingest", contacts.name, "-q", cwd=contacts.parent)
        assert "cxmap.key" in self.clear(done, Exit.USAGE)
        assert not (contacts.parent / "cxmap.key").exists()

    def test_a_second_writer(self, contacts: Path) -> None:
        cxmap("ingest", contacts.name, cwd=contacts.parent)
        with Store.open(contacts.parent / ".cxmap").write(wait=timedelta()):
            done = cxmap("ingest", contacts.name, "-q", cwd=contacts.parent)
            assert "writes to the store" in self.clear(done, Exit.BUSY)
            readable = cxmap("report", "-f", "json", cwd=contacts.parent)
            assert readable.code == 0

    def test_a_damaged_store(self, contacts: Path) -> None:
        cxmap("ingest", contacts.name, cwd=contacts.parent)
        part = next((contacts.parent / ".cxmap" / "parts").iterdir())
        part.write_bytes(part.read_bytes()[:-8])
        done = cxmap("store", "check", cwd=contacts.parent)
        assert part.name in self.clear(done, Exit.IO)

    def test_a_damaged_manifest_is_never_an_empty_store(self, contacts: Path) -> None:
        cxmap("ingest", contacts.name, cwd=contacts.parent)
        newest = max((contacts.parent / ".cxmap").glob("manifest-*.json"))
        newest.write_text("{\n")
        for words in (["report"], ["ingest", "-q", contacts.name], ["store", "check"]):
            done = cxmap(*words, cwd=contacts.parent)
            assert newest.name in self.clear(done, Exit.IO)
        assert newest == max((contacts.parent / ".cxmap").glob("manifest-*.json"))

    def test_no_store_at_all(self, tmp_path: Path) -> None:
        done = cxmap("report", cwd=tmp_path)
        assert "cxmap ingest" in self.clear(done, Exit.USAGE)

    def test_an_output_that_cannot_be_written(self, company: Path) -> None:
        done = cxmap("report", "-q", "-o", "nowhere/card.json", cwd=company)
        assert "card.json" in self.clear(done, Exit.IO)

    @pytest.mark.parametrize(
        ("words", "near"),
        [
            (["report", "--by", "chanel"], "channel"),
            (["report", "--kpi", "first_contact_resolutoin"], "first_contact"),
            (["report", "--compare", "yesterday"], "previous"),
            (["report", "--since", "soon"], "last-month"),
            (["report", "-f", "yaml"], "json"),
            (["report", "--tz", "Berlin"], "Europe/Berlin"),
            (["report", "--now", "now"], "2026-07-01"),
            (["report", "--fail-on", "worst"], "did you mean worse?"),
            (["explain", "chanel_switch"], "channel_switch"),
            (["journeys", "--friction", "restarts"], "restart"),
            (["journey", "j_nobody"], "cxmap journeys"),
            (["export", "tickets"], "contacts"),
            (["reprot"], "report"),
        ],
    )
    def test_a_word_that_cannot_be_followed(
        self, company: Path, words: list[str], near: str
    ) -> None:
        assert near in self.clear(cxmap(*words, cwd=company), Exit.USAGE)


class TestGates:
    def config(self, company: Path, target: float) -> str:
        path = company / "gate.yaml"
        text = (company / "cxmap.yaml").read_text("utf-8")
        kept = text.split("kpis:")[0]
        path.write_text(
            f"{kept}\nkpis:\n  identified_share: {{target: {target}}}\n", "utf-8"
        )
        return path.name

    def test_a_missed_target_is_1(self, company: Path) -> None:
        gate = self.config(company, 1.0)
        words = ["report", "-c", gate, "-q", "--now", NOW, "-o", "x.json"]
        done = cxmap(*words, "--fail-on", "missed", cwd=company)
        assert done.code in (Exit.GATE, Exit.OK)
        named = cxmap(*words, "--fail-on", "identified_share", cwd=company)
        assert named.code == done.code
        card = json.loads((company / "x.json").read_text())
        status = next(
            s["status"] for s in card["scores"] if s["kpi"] == "identified_share"
        )
        assert (status == "off") == (done.code == Exit.GATE)

    def test_a_met_target_is_0(self, company: Path) -> None:
        gate = self.config(company, 0.01)
        done = cxmap(
            "report", "-c", gate, "-q", "--now", NOW, "--fail-on", "missed", cwd=company
        )
        assert done.code == Exit.OK

    def test_a_gate_without_target_is_a_mistake(self, company: Path) -> None:
        gate = self.config(company, 0.01)
        done = cxmap("report", "-c", gate, "--fail-on", "nps", cwd=company)
        assert done.code == Exit.USAGE

    def test_a_gate_over_nobody_is_0_with_a_warning(self, company: Path) -> None:
        gate = self.config(company, 0.5)
        words = ["report", "-c", gate, "--since", "2020-01", "-o", "y.json"]
        done = cxmap(*words, "--fail-on", "identified_share", cwd=company)
        assert done.code == Exit.OK
        assert "nobody to count" in done.err

    def test_a_gate_whose_inputs_are_missing_is_3(self, contacts: Path) -> None:
        (contacts.parent / "cxmap.yaml").write_text("kpis: {csat: {target: 0.8}}\n")
        cxmap("ingest", contacts.name, cwd=contacts.parent)
        done = cxmap(
            "report", "-q", "-o", "z.json", "--fail-on", "csat", cwd=contacts.parent
        )
        assert done.code == Exit.DATA
        assert "csat" in done.err


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)],
)
def test_an_interrupted_run_says_so_by_its_code(
    company: Path, number: signal.Signals, code: Exit
) -> None:
    with Store.open(company / ".cxmap").write(wait=timedelta()):
        running = subprocess.Popen(
            [sys.executable, "-m", "cxmap", "ingest", "--wait", "1h"],
            cwd=company,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        wait_for_the_lock(running.pid)
        running.send_signal(number)
        _, err = running.communicate(timeout=20)

    assert running.returncode == code
    assert b"Traceback" not in err


def wait_for_the_lock(pid: int) -> None:
    opened = Path(f"/proc/{pid}/fd")
    for _ in range(600):
        # What is open now may be closed before its name is read.
        with suppress(FileNotFoundError):
            links = [str(one.readlink()) for one in opened.iterdir()]
            if any(link.endswith("/lock") for link in links):
                return
        time.sleep(0.1)
    raise AssertionError("the run never reached the lock")


def lines(*words: str, cwd: Path) -> Sequence[str]:
    done = cxmap(*words, cwd=cwd)
    assert done.code == 0, done.err
    return done.out.splitlines()


@pytest.mark.parametrize("kpi", ["first_contact_resolution", "csat"])
def test_a_number_leads_to_its_contacts(company: Path, kpi: str) -> None:
    when = ["--since", "2026-04", "--now", NOW]
    card = json.loads(
        cxmap("report", "--kpi", kpi, "-f", "json", *when, cwd=company).out
    )
    told = cxmap("explain", kpi, "--contacts", "-f", "csv", *when, cwd=company)

    rows = list(csv.DictReader(StringIO(told.out)))
    counted = [row for row in rows if row["counted_as"] == "counted"]
    assert len(counted) == card["scores"][0]["n"]


def test_a_journey_is_shown_with_its_hops(company: Path) -> None:
    listed = lines("journeys", "--min-contacts", "2", "-f", "csv", cwd=company)
    first = next(csv.DictReader(listed))
    shown = cxmap("journey", first["journey_id"], "-f", "csv", cwd=company)

    steps = list(csv.DictReader(StringIO(shown.out)))
    inbound = [step for step in steps if step["direction"] != "outbound"]
    assert len(inbound) == int(first["contacts"])
    assert all(step["rule"] for step in steps[1:])


def test_topics_of_all_sources_are_listed(company: Path) -> None:
    rows = list(csv.DictReader(lines("topics", "-f", "csv", cwd=company)))

    assert {row["source"] for row in rows} >= {"zendesk", "connect", "bot"}


def test_init_recognises_the_exports_and_its_config_ingests(
    company: Path, tmp_path: Path
) -> None:
    exports = [
        str(path)
        for name in ("zendesk", "connect", "callcenter")
        for path in sorted((company / name).iterdir())
    ]
    done = cxmap("init", *exports, cwd=tmp_path)
    assert done.code == 0, done.err
    said = (tmp_path / "cxmap.yaml").read_text("utf-8")
    for profile in ("zendesk_tickets", "amazon_connect", "asterisk_queue_log"):
        assert f"profile: {profile}" in said
    assert "five edits" in said
    assert cxmap("config", "check", "-q", cwd=tmp_path) == Ran(0, "", "")
    taken = cxmap("ingest", "-f", "json", cwd=tmp_path)
    assert taken.code == 0, taken.err
    assert {f["state"] for f in json.loads(taken.out)["files"]} == {"loaded"}


def test_init_never_replaces_a_config_unasked(tmp_path: Path) -> None:
    (tmp_path / "cxmap.yaml").write_text("timezone: UTC\n")
    done = cxmap("init", cwd=tmp_path)

    assert done.code == Exit.USAGE
    assert (tmp_path / "cxmap.yaml").read_text() == "timezone: UTC\n"


def test_detect_tells_the_samples_apart(company: Path) -> None:
    files = ["zendesk/tickets.ndjson", "callcenter/queue_log", "surveys/surveys.csv"]
    rows = list(
        csv.DictReader(lines("sources", "detect", *files, "-f", "csv", cwd=company))
    )

    assert [row["profile"] for row in rows] == [
        "zendesk_tickets",
        "asterisk_queue_log",
        "generic_survey",
    ]


def test_words_that_nothing_maps_are_listed_on_demand(contacts: Path) -> None:
    text = contacts.read_text("utf-8").replace("3,chat", "3,telex")
    contacts.write_text(text, "utf-8")
    folder = contacts.parent
    assert "telex" not in cxmap("ingest", contacts.name, cwd=folder).out
    show = ("sources", "show", "generic_contacts")

    done = cxmap(*show, "--unmapped", "-f", "csv", cwd=folder)
    assert done.out.splitlines() == ["column,value,rows", "channel,telex,1"]
    assert cxmap("sources", "show", "x", "--unmapped", cwd=folder).code == Exit.USAGE
    assert "setting tz" in cxmap(*show, cwd=folder).out
    copied = folder / "own.yaml"
    copied.write_text(cxmap(*show, "-f", "yaml", cwd=folder).out, "utf-8")
    shown = cxmap("sources", "show", "own.yaml", "-f", "yaml", cwd=folder)
    assert shown.out == copied.read_text("utf-8")


def test_the_config_is_shown_and_described(company: Path) -> None:
    assert "repeat" in cxmap("config", "show", cwd=company).out
    schema = json.loads(cxmap("config", "schema", cwd=company).out)
    assert "sources" in schema["properties"]
    profiles = json.loads(cxmap("sources", "schema", cwd=company).out)
    jsonschema.Draft202012Validator.check_schema(profiles)
    assert {"detect", "contact", "identifiers"} <= set(profiles["properties"])


def test_rejected_rows_are_written_only_when_asked(contacts: Path) -> None:
    with contacts.open("a", encoding="utf-8") as file:
        file.write("5,voice,not-a-time,billing,handled,c@example.test\n")
    done = cxmap(
        "ingest", contacts.name, "--reject-file", "rejects.csv", cwd=contacts.parent
    )

    assert done.code == 0
    assert "not-a-time" not in done.err
    rejects = contacts.parent / "rejects.csv"
    assert "not-a-time" in rejects.read_text("utf-8")
    assert rejects.stat().st_mode & 0o077 == 0
    stored = cxmap("export", "rejects", cwd=contacts.parent)
    assert "bad_time" in stored.out
    assert "not-a-time" not in stored.out


def test_a_corrected_mapping_replaces_what_the_file_brought(contacts: Path) -> None:
    folder = contacts.parent
    config = folder / "cxmap.yaml"
    profile = folder / "own.yaml"
    mapping = (
        "profile: own\nsystem: own\ntitle: Own\n"
        "detect: {{format: delimited, header_all: [source_contact_id]}}\n"
        "const: {{channel: {channel}}}\n"
        "contact:\n"
        "  source_contact_id: source_contact_id\n"
        "  started_at: {{from: started_at, time: iso8601}}\n"
        "identifiers:\n  - {{kind: email, from: email}}\n"
    )
    config.write_text("sources:\n  own: {profile: own.yaml, files: contacts.csv}\n")
    profile.write_text(mapping.format(channel="fax"))
    assert cxmap("ingest", cwd=folder).code == 0
    profile.write_text(mapping.format(channel="letter"))
    done = cxmap("ingest", "-f", "json", cwd=folder)

    assert json.loads(done.out)["files"][0]["state"] == "replaced"
    rows = list(csv.DictReader(lines("export", "contacts", cwd=folder)))
    assert [row["channel"] for row in rows] == ["letter"] * 4


@pytest.mark.parametrize(
    "words", [["report"], ["--help"], ["config", "schema"], ["export", "contacts"]]
)
def test_a_reader_that_left_is_141_and_nothing_is_said(
    company: Path, words: list[str]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "cxmap", *words],
            cwd=company,
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (done.returncode, done.stderr) == (Exit.BROKEN_PIPE, b"")


@pytest.mark.parametrize("stdout", ["/dev/full", "&-"])
def test_a_stdout_that_takes_nothing_is_said_in_one_line(
    company: Path, stdout: str
) -> None:
    done = subprocess.run(  # noqa: S602
        f"{sys.executable} -m cxmap report >{stdout}",
        shell=True,
        cwd=company,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == Exit.IO
    assert done.stderr.startswith("cxmap: error: ")
    assert len(done.stderr.splitlines()) == 1


def ended(program: str, number: signal.Signals | None = None) -> Ran:
    """Run the door around a command that is this program."""
    door = (
        "import sys, time\n"
        "import polars as pl\n"
        "from cxmap.cli import main\n"
        "def app(*words, **options):\n"
        "    sys.stdout.write('ready\\n')\n"
        "    sys.stdout.flush()\n"
        f"    {program}\n"
        "main.app = app\n"
        "main.main()\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", door],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    assert running.stdout.readline() == "ready\n"
    if number is not None:
        time.sleep(0.3)
        running.send_signal(number)
    out, err = running.communicate(timeout=20)

    return Ran(running.returncode, out, err)


INSIDE_POLARS = (
    "pl.LazyFrame({'a': [1]}).select("
    "pl.col('a').map_batches(lambda a: (time.sleep(2), a)[1])).collect()"
)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)],
)
@pytest.mark.parametrize(
    "program",
    [
        INSIDE_POLARS,
        "\n    try: time.sleep(5)\n    except BaseException: raise TypeError('x')",
    ],
)
def test_a_signal_is_that_signal_whatever_a_library_makes_of_it(
    program: str, number: signal.Signals, code: Exit
) -> None:
    assert ended(program, number) == Ran(code, "", "")


def test_a_second_signal_ends_a_run_that_does_not_want_to() -> None:
    program = (
        "import os, signal\n"
        "    try: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    except SystemExit: os.kill(os.getpid(), signal.SIGTERM)\n"
        "    sys.stdout.write('still here')"
    )

    assert ended(program) == Ran(Exit.TERMINATED, "", "")


def test_a_panic_is_a_bug_and_says_nothing_of_the_data() -> None:
    program = (
        "class PanicException(BaseException): pass\n"
        "    import os\n"
        f"    os.write(2, b'thread panicked at {CANARY}')\n"
        f"    raise PanicException('{CANARY}')"
    )
    done = ended(program)

    assert done.code == Exit.BUG
    assert "PanicException" in done.err
    assert CANARY not in done.err
    assert "Traceback" not in done.err


def test_detect_tells_the_trouble_of_each_file_and_ends_with_3(
    contacts: Path,
) -> None:
    (contacts.parent / "empty.csv").write_bytes(b"")
    files = ["empty.csv", contacts.name, "none.csv"]
    done = cxmap("sources", "detect", *files, "-f", "csv", cwd=contacts.parent)
    rows = list(csv.DictReader(StringIO(done.out)))

    assert done.code == Exit.DATA
    assert [row["file"] for row in rows] == files
    assert [row["profile"] for row in rows] == ["", "generic_contacts", ""]
    assert "empty" in rows[0]["why"]
    assert "no such file" in rows[2]["why"]
    assert done.err == "cxmap: error: cannot be read: empty.csv, none.csv\n"


def on_a_terminal(
    *words: str, cwd: Path, columns: int, env: dict[str, str] | None = None
) -> str:
    """Return what a terminal of so many columns shows."""
    master, slave = pty.openpty()
    size = struct.pack("HHHH", 24, columns, 0, 0)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
    running = subprocess.Popen(
        [sys.executable, "-m", "cxmap", *words],
        cwd=cwd,
        env={**os.environ, "TERM": "xterm", "CXMAP_CONFIG": "", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=subprocess.PIPE,
    )
    os.close(slave)
    shown = b""
    with suppress(OSError):
        while more := os.read(master, 65536):
            shown += more
    os.close(master)
    running.communicate(timeout=20)

    return shown.decode("utf-8").replace("\r\n", "\n")


def bare(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


def widest(shown: str) -> int:
    return max(len(line) for line in bare(shown).splitlines())


def test_a_terminal_that_says_no_width_is_80_wide(company: Path) -> None:
    shown = on_a_terminal("report", "--now", NOW, cwd=company, columns=0)

    assert 60 < widest(shown) <= 80
    same = on_a_terminal("report", "--now", NOW, cwd=company, columns=80)
    assert shown == same


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_a_terminal_is_coloured_unless_it_or_its_owner_says_no(
    company: Path, env: dict[str, str], coloured: bool
) -> None:
    plain = {"NO_COLOR": "", "FORCE_COLOR": "", **env}
    shown = on_a_terminal("store", "info", cwd=company, columns=80, env=plain)

    assert ("\x1b[" in shown) == coloured


def test_color_is_forced_off_a_terminal(company: Path) -> None:
    forced = started("store", "info", cwd=company, env={"FORCE_COLOR": "1"})

    assert "\x1b[" in forced.out
    assert "\x1b[" not in cxmap("store", "info", cwd=company).out


@pytest.mark.parametrize("columns", [80, 100, 130])
def test_no_id_and_no_time_of_a_journey_is_broken_on_a_terminal(
    company: Path, columns: int
) -> None:
    rows = list(csv.DictReader(lines("journeys", "-f", "csv", cwd=company)))
    shown = bare(on_a_terminal("journeys", cwd=company, columns=columns))
    first = bare(
        on_a_terminal("journey", rows[0]["journey_id"], cwd=company, columns=columns)
    )

    assert widest(shown) <= columns
    assert widest(first) <= columns
    for row in rows[:50]:
        assert row["journey_id"] in shown
    assert len(re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", shown)) >= len(rows[:50])
    steps = lines("journey", rows[0]["journey_id"], "-f", "csv", cwd=company)
    for step in csv.DictReader(steps):
        assert step["contact_id"] in first


def test_people_read_times_in_the_zone_that_is_said_and_programs_in_utc(
    company: Path,
) -> None:
    for zone, hours in (("UTC", 0), ("Asia/Kathmandu", 5.75)):
        words = ["journeys", "--limit", "1", "--tz", zone]
        row = next(csv.DictReader(lines(*words, "-f", "csv", cwd=company)))
        at = datetime.fromisoformat(row["started_at"]) + timedelta(hours=hours)
        for form in ("table", "md"):
            shown = "\n".join(lines(*words, "-f", form, cwd=company))
            assert f"{at:%Y-%m-%d %H:%M}" in shown
            assert f"Times in {zone}." in shown
        told = "\n".join(lines("journey", row["journey_id"], "--tz", zone, cwd=company))
        assert f"{at:%Y-%m-%d %H:%M}" in told
        assert f"Times in {zone}." in told
        assert f"Times in {zone}." in "\n".join(
            lines("store", "info", "--tz", zone, cwd=company)
        )
        assert row["started_at"].endswith("Z")


def test_a_time_before_all_data_is_said_and_warns_of_nothing(company: Path) -> None:
    done = cxmap("report", "--now", "2020-01-01", cwd=company)

    assert (done.code, done.err) == (0, "")
    assert "No contacts held as of 2020-01-01" in done.out
    assert "needs" not in done.out


def test_the_rows_of_a_store_are_one_line_a_table(company: Path) -> None:
    shown = lines("store", "info", cwd=company)
    held = json.loads(cxmap("store", "info", "-f", "json", cwd=company).out)["rows"]

    for table, rows in held.items():
        spoken = table.replace("_", " ")
        assert any(spoken in line and f"{rows:,}" in line for line in shown)
    assert not any("{" in line for line in shown)


def test_a_check_says_file_and_problem_and_counts_what_is_open(
    contacts: Path,
) -> None:
    cxmap("ingest", contacts.name, cwd=contacts.parent)
    store = contacts.parent / ".cxmap"
    for path in (store, *store.rglob("*")):
        path.chmod(0o755)
    derived = store / "derived"
    derived.rename(store.with_name("away"))
    done = cxmap("store", "check", cwd=contacts.parent)
    said = done.err.splitlines()

    assert done.code == Exit.IO
    assert "derived: missing folder" in done.err
    assert sum("open to others" in line for line in said) == 1
    assert re.search(r"open to others.* \(\d+ files and folders\)$", done.err)
    assert "Finding(" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--outcome", "solved"], "presumed"),
        (["--channel", "phone"], "voice"),
        (["--topic", "no/such"], "cxmap topics"),
        (["--topic", "bil"], "cxmap topics"),
        (["--customer", "c_nobody"], "cxmap export customers"),
    ],
)
def test_a_filter_that_nothing_can_match_is_a_mistake(
    company: Path, words: list[str], said: str
) -> None:
    done = cxmap("journeys", *words, cwd=company)

    assert (done.code, done.out) == (Exit.USAGE, "")
    assert said in done.err


def test_filters_that_match_nothing_together_say_so(company: Path) -> None:
    done = cxmap("journeys", "--min-contacts", "900", "-f", "csv", cwd=company)

    assert done.code == 0
    assert done.err == "no journey matches\n"
    assert len(done.out.splitlines()) == 1
    whole = cxmap("journeys", "--topic", "billing", "--outcome", "open", cwd=company)
    assert whole.code == 0


def test_a_journey_is_found_by_how_its_id_begins(company: Path) -> None:
    row = next(csv.DictReader(lines("journeys", "-f", "csv", cwd=company)))
    whole = lines("journey", row["journey_id"], cwd=company)

    assert lines("journey", row["journey_id"][:12], cwd=company) == whole
    vague = cxmap("journey", "j_", cwd=company)
    assert vague.code == Exit.USAGE
    assert "begin so" in vague.err


@pytest.mark.parametrize("name", ["nps", "backlog", "worst"])
def test_a_gate_that_cannot_be_hit_is_refused_before_anything_is_printed(
    company: Path, name: str
) -> None:
    done = cxmap("report", "--fail-on", name, cwd=company)

    assert (done.code, done.out) == (Exit.USAGE, "")


@pytest.mark.parametrize("words", [["explain", "nope"], ["report", "--kpi", "nope"]])
def test_nothing_is_proposed_that_is_not_near(company: Path, words: list[str]) -> None:
    assert "did you mean" not in cxmap(*words, cwd=company).err


def test_parquet_is_no_text_for_a_terminal(company: Path) -> None:
    words = ["export", "journeys", "-f", "parquet"]
    assert "PAR1" not in on_a_terminal(*words, cwd=company, columns=80)


def test_a_dash_is_stdout(company: Path) -> None:
    words = ["report", "--now", NOW, "-f", "csv"]
    done = started(*words, "-o", "-", cwd=company)

    assert done == started(*words, cwd=company)
    assert not (company / "-").exists()


def test_a_day_alone_reaches_to_the_end_of_the_data(company: Path) -> None:
    words = ["report", "--since", "2026-04-15", "-f", "json", "--now", "2026-11-21"]
    card = json.loads(cxmap(*words, cwd=company).out)

    assert card["horizon"] <= card["period"]["until"] < "2026-08"


def test_an_explanation_names_only_the_windows_it_rests_on(company: Path) -> None:
    def shown(name: str) -> str:
        return "\n".join(lines("explain", name, "--now", NOW, cwd=company))

    first, nps = shown("first_contact_resolution"), shown("nps")
    assert "repeat.within for written" in first
    assert "repeat.within" not in nps
    assert "hours" in shown("slow_first_response")
    assert "Europe/Berlin" not in nps
    for fact in ("target", "status", "previous", "change"):
        assert re.search(rf"^{fact}\s+\S", first, re.MULTILINE)
    assert re.search(r"^95 % interval\s+\S", nps, re.MULTILINE)
    narrow = bare(on_a_terminal("explain", "nps", cwd=company, columns=50))
    assert widest(narrow) <= 50
