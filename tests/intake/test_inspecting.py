"""All mistakes of a configuration, in all files it names, in one message."""

import re
from pathlib import Path

import pytest

from cxmap.config import load_config
from cxmap.errors import ConfigError
from cxmap.intake.inspecting import wrong_sources

OWN = """\
profile: mine
system: mine
title: Mine
settings: {zone: UTC}
contact:
  source_contact_id: id
  started_at: {from: at, time: iso8601, tz: "${zone}"}
"""


def said(folder: Path, text: str, **files: str) -> str:
    """Return the refusal of a configuration; empty where there is none."""
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    path = folder / "cxmap.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_config(path, inspect=wrong_sources)
    except ConfigError as error:
        return str(error).replace(f"{folder}/", "")
    return ""


@pytest.mark.parametrize(
    "source",
    [
        "{}",
        "{profile: zendesk_csv, files: [a.csv, 'exports/**/*.csv']}",
        "{profile: zendesk_csv, settings: {tz: Asia/Tokyo, region: JP, topic: Why}}",
        '{profile: zendesk_csv, settings: {own_numbers: ["+49 30 1234567"], tz: null}}',
        "{profile: generic_survey, settings: {scale_max: 7, high_is_good: false}}",
        "{settings: {tz: UTC, anything: 3}}",
        "{profile: mine.yaml, settings: {zone: Asia/Tokyo}}",
        "{profile: ./mine.yaml}",
    ],
)
def test_what_is_right_is_accepted(tmp_path: Path, source: str) -> None:
    assert said(tmp_path, f"sources: {{desk: {source}}}\n", mine=OWN) == ""


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("{profile: zendesk_cvs}", "did you mean `zendesk_csv`?"),
        ("{profile: none.yaml}", "cannot be read: No such file"),
        ("{profile: cxmap.yaml/}", "unknown profile"),
        ("{profile: .yaml}", "cannot be read"),
        ("{profile: zendesk_csv, settings: {tpic: x}}", "did you mean `topic`?"),
        ("{profile: zendesk_csv, settings: {region: Germany}}", "two letters"),
        ("{profile: zendesk_csv, settings: {tz: Berlin}}", "Europe/Berlin"),
        ("{profile: zendesk_csv, settings: {own_numbers: '+49'}}", '["+49"]'),
        ("{profile: zendesk_csv, settings: {own_numbers: [49]}}", 'in quotes: "49"'),
        ("{profile: zendesk_csv, settings: {topic: 3}}", 'in quotes: "3"'),
        ("{profile: zendesk_csv, settings: [tz]}", "not a map of keys"),
        ("{profile: generic_survey, settings: {survey_type: x}}", "`x` is not one of"),
        ("{profile: mine.yaml, settings: {zone: Nowhere}}", "is no time zone"),
        ("{profile: mine.yaml, settings: {zoen: UTC}}", "did you mean `zone`?"),
        ("{settings: {region: Germany}}", "two letters"),
        ("{files: ''}", "names no file"),
        ("{files: [a.csv, ' ']}", "names no file"),
        ("{files: 'exports/**.csv'}", "alone between slashes"),
    ],
)
def test_each_mistake_is_told_once_with_its_place_and_the_cure(
    tmp_path: Path, source: str, what: str
) -> None:
    message = said(tmp_path, f"sources: {{desk: {source}}}\n", mine=OWN)

    assert what in message
    assert message.count("error:") == 1, message
    assert re.search(r"--> cxmap.yaml:1:\d+\n", message)
    assert "^" in message
    assert "Value error" not in message


def test_mistakes_of_every_kind_and_file_stand_in_one_message(tmp_path: Path) -> None:
    message = said(
        tmp_path,
        """\
timezone: Berlin
sources:
  desk: {profile: zendesk_csv, settings: {tpic: x}, fils: a.csv}
  mine: {profile: mine.yaml, settings: {region: Germany}}
  again: {profile: mine.yaml}
  calls: {profile: asterisk}
kpis: {csat: {target: 80%}}
""",
        mine=OWN.replace("time: iso8601,", "").replace("title", "titel"),
    )
    places = re.findall(r"--> (\w+.yaml:\d+):", message)

    assert places == [
        *("cxmap.yaml:1", "cxmap.yaml:3", "cxmap.yaml:3", "cxmap.yaml:4"),
        *("cxmap.yaml:6", "cxmap.yaml:7", "mine.yaml:3", "mine.yaml:7"),
    ]
    assert message.endswith(
        "6 errors in cxmap.yaml, 2 errors in mine.yaml. Nothing was run."
    )


def test_a_profile_that_its_own_settings_make_wrong_is_told_in_its_file(
    tmp_path: Path,
) -> None:
    wrong = OWN.replace("zone: UTC", "zone: Nowhere")
    message = said(tmp_path, "sources: {a: {profile: mine.yaml}}\n", mine=wrong)

    assert message.count("error:") == 1
    assert "--> mine.yaml:4:1\n" in message


def test_a_file_that_is_no_yaml_is_told_alone(tmp_path: Path) -> None:
    message = said(tmp_path, "sources: {a: {profile: none.yaml\n")

    assert message.count("error:") == 1
    assert "none.yaml:" not in message


@pytest.mark.parametrize(
    "text", ["sources: 7", "sources: [a]", "sources: {a: 7}", "sources: {a: null}"]
)
def test_what_is_no_source_is_told_and_nothing_breaks(
    tmp_path: Path, text: str
) -> None:
    assert "not a map of keys" in said(tmp_path, text)


def test_a_profile_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes("title: Größe".encode("latin-1"))

    assert "not UTF-8" in said(tmp_path, "sources: {a: {profile: mine.yaml}}\n")
