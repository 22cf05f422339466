"""`cxmap friction`, `calibrate` and the score of `journeys`, as people run them."""

import csv
import io
import json
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cxmap.cli.main import run
from cxmap.errors import Exit
from cxmap.scorecard import FrictionLine
from cxmap.views.friction import friction_schema
from cxmap.views.ledger import ledger_schema

NOW = "2026-06-01T00:00:00Z"
MARCH = ("--since", "2026-03")

HEADER = (
    "source_contact_id,channel,started_at,ended_at,topic,disposition,external_id,"
    "queue_seconds,talk_seconds,hold_seconds,wrap_up_seconds,transfers"
)


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


def cxmap(*words: str, cwd: Path) -> Ran:
    """Run one command line in this process: what it says, and its code."""
    out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in "oe")
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
        code = run([*words, "--now", NOW])
    said, reason = (one.buffer.getvalue().decode() for one in (out, err))  # type: ignore[attr-defined]

    return Ran(code, said, reason)


def call(name: str, person: str, day: int, *, queue: int, talk: int) -> str:
    at = f"2026-03-{day:02}T10:00"
    return f"{name},voice,{at}:00Z,{at}:59Z,bill,handled,{person},{queue},{talk},10,5,0"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve people call and wait long; every other one calls again a day later.

    Two more call once, wait for nothing, and mark where the data begin and end.
    """
    folder = tmp_path_factory.mktemp("store")
    rows = [HEADER]
    for place in range(12):
        rows.append(call(f"{place}-1", f"p{place}", 3, queue=600, talk=100))
        if place % 2:
            rows.append(call(f"{place}-2", f"p{place}", 4, queue=5, talk=185))
    rows.append(call("x", "x", 1, queue=5, talk=60).replace("-03-", "-02-"))
    rows.append(call("y", "y", 28, queue=5, talk=60).replace("-03-", "-04-"))
    (folder / "contacts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    done = cxmap("ingest", "-q", "contacts.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    for name, more in (
        ("priced", "costs: {currency: EUR, hour: 36}"),
        (
            "weighed",
            "frictions: {long_wait: {weight: 0.5}, repeat_contact: {weight: 1}}",
        ),
    ):
        (folder / f"{name}.yaml").write_text(f"{more}\n", encoding="utf-8")

    return folder


def told(store: Path, *words: str) -> Any:
    done = cxmap(*words, "-f", "json", cwd=store)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_ledger_tells_hours_and_no_money_without_prices(store: Path) -> None:
    ledger = told(store, "friction", *MARCH)
    lines = {one["friction"]: one for one in ledger["frictions"]}

    assert ledger["schema"] == "cxmap.ledger/1"
    assert ledger["journeys"] == 12
    assert lines["long_wait"]["journeys"] == 12
    assert lines["long_wait"]["handling_seconds"] == 6 * 200
    assert lines["long_wait"]["handling_share"] == 1200 / (1200 + 12 * 115)
    assert lines["repeat_contact"]["handling_seconds"] == 6 * 200
    assert {one["cost"] for one in ledger["frictions"]} == {None}
    assert ledger["assumptions"]["usual_handling_seconds"] == {"voice": 115}


def test_prices_are_laid_on_what_was_derived_before(store: Path) -> None:
    ledger = told(store, "friction", *MARCH, "-c", "priced.yaml", "--store", ".cxmap")
    line = next(one for one in ledger["frictions"] if one["friction"] == "long_wait")
    points = cxmap(
        *("export", "points", "-f", "jsonl", "-c", "priced.yaml", "--store", ".cxmap"),
        cwd=store,
    )
    costs = [
        one["cost"]
        for one in map(json.loads, points.stdout.splitlines())
        if one["friction"] == "long_wait"
    ]

    assert line["cost"] == 6 * 200
    assert line["cost_year"] == round(1200 * 365.25 / 31)
    assert sum(one or 0 for one in costs) == line["cost"]


def test_the_scorecard_tells_the_same_lines(store: Path) -> None:
    card = told(store, "report", *MARCH)
    ledger = told(store, "friction", *MARCH)

    assert card["frictions"] == ledger["frictions"]
    assert card["assumptions"] == ledger["assumptions"]


def test_the_ledger_is_cut_by_what_is_asked(store: Path) -> None:
    ledger = told(store, "friction", *MARCH, "--by", "channel,topic")
    cells = {json.dumps(one["by"]) for one in ledger["frictions"]}

    assert cells == {"{}", '{"channel": "voice", "topic": "bill"}'}


def test_csv_has_a_row_a_line_and_every_figure(store: Path) -> None:
    done = cxmap("friction", *MARCH, "-f", "csv", "--by", "channel", cwd=store)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))

    facts = set(FrictionLine.__dataclass_fields__) - {"by"}
    assert facts | {"channel", "since", "until"} == set(rows[0])
    assert {row["channel"] for row in rows} == {"", "voice"}


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("friction", "--by", "channel,topic"), ledger_schema),
        (("friction", "--share"), ledger_schema),
        (("friction", "repeat_contact"), friction_schema),
        (("friction", "abandon", "--share"), friction_schema),
    ],
)
def test_json_keeps_its_published_shape(
    store: Path, words: tuple[str, ...], schema: Any
) -> None:
    jsonschema.validate(told(store, *words, *MARCH), schema())


@pytest.mark.parametrize("form", ["table", "md", "json", "csv", "jsonl"])
def test_few_customers_are_hidden_where_it_is_shared(store: Path, form: str) -> None:
    plain = cxmap("friction", *MARCH, "-f", form, cwd=store).stdout
    shared = cxmap("friction", *MARCH, "-f", form, "--share", cwd=store).stdout

    assert plain
    lines = [one for one in shared.splitlines() if "epeat" in one]
    assert all("50.0 %" not in one for one in lines)
    if form == "json":
        line = next(
            one
            for one in json.loads(shared)["frictions"]
            if one["friction"] == "repeat_contact"
        )
        assert line["suppressed"]
        figures = [line[name] for name in line if name not in ("by", "suppressed")]
        assert {one for one in figures if isinstance(one, int | float)} == {0}


def test_one_friction_leads_to_its_contacts(store: Path) -> None:
    page = cxmap("friction", "long_wait", *MARCH, cwd=store).stdout
    commands = [one.split() for one in page.splitlines() if one.startswith("cxmap ")]

    assert "option voice" in page
    assert "2m" in page
    assert len(commands) == 6
    for words in commands:
        done = cxmap(*words[1:], cwd=store)
        assert done.returncode == 0, done.stderr
        assert "voice" in done.stdout or "waited 10 min" in done.stdout


def test_one_friction_as_data_says_what_was_compared(store: Path) -> None:
    one = told(store, "friction", "repeat_contact", *MARCH)

    assert one["schema"] == "cxmap.friction/1"
    assert [line["by"] for line in one["cuts"]["month"]] == [
        {"month": "2026-02"},
        {"month": "2026-03"},
    ]
    assert one["score"]["journeys"] == 6
    assert len(one["examples"]) == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["friction", "long_wat"], "did you mean long_wait?"),
        (["friction", "--by", "chanel"], "did you mean channel?"),
        (["friction", "long_wait", "--by", "topic"], "--by"),
        (["friction", "long_wait", "-f", "csv"], "-f csv"),
        (["calibrate", "--on", "nps"], "--on nps"),
        (["journeys", "--sort", "cost"], "--sort cost"),
        (["journeys", "--sort", "score"], "cxmap calibrate"),
        (["journeys", "--min-score", "1"], "cxmap calibrate"),
    ],
)
def test_a_word_that_cannot_be_followed_is_2(
    store: Path, words: list[str], said: str
) -> None:
    done = cxmap(*words, cwd=store)

    assert done.returncode == Exit.USAGE
    assert said in done.stderr
    assert done.stdout == ""


def test_too_few_labels_are_3_and_say_what_would_be_enough(store: Path) -> None:
    done = cxmap("calibrate", cwd=store)

    assert done.returncode == Exit.DATA
    assert done.stdout == ""
    assert "50 of either kind are needed" in done.stderr


def test_weights_give_every_journey_a_score(store: Path) -> None:
    config = ("-c", "weighed.yaml", "--store", ".cxmap")
    every = told(store, "journeys", *MARCH, *config, "--sort", "score")
    some = told(store, "journeys", *MARCH, *config, "--min-score", "1.5")

    assert [one["friction_score"] for one in every] == [1.5] * 6 + [0.5] * 6
    assert every[0]["top_frictions"] == "repeat_contact 1.0, long_wait 0.5"
    assert len(some) == 6


def test_without_weights_there_is_no_score(store: Path) -> None:
    assert "friction_score" not in told(store, "journeys", *MARCH)[0]
