"""Profiles: every mistake at once and where it is, settings, hashes, expressions."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest
import yaml

from cxmap.errors import ConfigError, ExportError
from cxmap.sources import expressions
from cxmap.sources.profile import (
    load_profile,
    mapping_hash,
    parts,
    profile_schema,
    resolve,
    shipped_names,
    shipped_profiles,
)

GOOD = """
profile: mine
version: 1
system: mine
title: Mine
settings: {tz: UTC, topic: null}
key: id
contact:
  source_contact_id: id
  channel: {from: how, map: {tel: voice}}
  started_at: {from: at, time: iso8601, tz: "${tz}"}
  topic_raw: "${topic}"
"""
TEXTS = pl.Schema({"a": pl.String(), "b": pl.String()})


@pytest.fixture
def refusal(tmp_path: Path) -> Any:
    def of(text: str) -> str:
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as error:
            load_profile(path)
        return str(error.value)

    return of


def mine(tmp_path: Path, text: str = GOOD) -> Any:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return load_profile(path)


def test_six_profiles_ship_and_all_resolve_without_settings() -> None:
    assert set(shipped_profiles()) >= {
        "amazon_connect",
        "asterisk_queue_log",
        "generic_contacts",
        "generic_survey",
        "zendesk_csv",
        "zendesk_tickets",
    }
    for name, profile in shipped_profiles().items():
        assert profile.profile == name
        assert parts(resolve(profile))


def test_each_profile_that_ships_stands_in_a_file_of_its_name() -> None:
    assert {name: one.profile for name, one in shipped_profiles().items()} == {
        name: name for name in shipped_names()
    }


def test_every_mistake_is_reported_at_once_with_its_line(refusal: Any) -> None:
    said = refusal(
        GOOD.replace("channel:", "chanel:")
        .replace("system: mine", "sistem: mine")
        .replace("at, time: iso8601", "at")
    )

    assert "mine.yaml:4:1" in said
    assert "did you mean `system`" in said
    assert "did you mean channel?" in said
    assert "mine.yaml:10:3" in said


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("  queue_seconds: wait", "a duration has no default unit"),
        ("  ended_at: end", "say how it is written"),
        ("  ended_at: {from: end, time: iso}", "no form of time"),
        ("  ended_at: {from: e, time: epoch_s, tz: Mars/Base}", "no time zone"),
        ("  status: {from: s, map: {x: fine}}", "`fine` is not one of"),
        ("  status: {const: fine}", "`fine` is not one of"),
        ("  direction: {from: d, default: inwards}", "`inwards` is not one of"),
        ("  team: {from: t, const: x}", "two origins"),
        ("  team: {null_if: [x]}", "where it comes from"),
        ("  team: {from: t, when: 'a ='}", "is no expression"),
        ("  team: {expr: 'MAX(t)'}", "looks at other rows"),
        ("  team: {frm: t}", "unknown key"),
        ("  team: {expr: 'a - 1'}", "cannot be computed"),
        ("  team: {from: t, regex: 'a('}", "no regular expression"),
        ("  ended_at: {from: e, time: '%Q'}", "no pattern of a time"),
        ("read: {format: json}\nlet: {how: 'a[?'}", "no path into JSON"),
        ("detect: {header_regex: ['(']}", "no regular expression"),
        ("parts: {one: {key: id}}", "belongs into one of the parts"),
        ("identifiers: [{kind: e-mail, from: mail}]", "did you mean email?"),
        ("references: [{kind: parent_of, from: p}]", "one of: follow_up_of"),
        ("fold: {talk_seconds: total}", "not allowed here"),
        ("then: {started_at: 'queued_at - queue_second'}", "no column queue_second"),
        ("then: {transfers: 'SUM(transfers)'}", "looks at other rows"),
        ("where: \"read_csv('/etc/passwd')\"", "is no expression"),
        ('where: "(SELECT 1)"', "a query cannot stand here"),
        ("surveys: {survey_type: csat, score: s}", "has no scale"),
        ("read: {header: false}", "needs `columns`"),
        ("version_at: {from: u, time: iso8601}\nlatest: load", "drop one"),
        ("kinds: {ENTER: {p1: a}}", "give `by`"),
        ("customers: {segment: s}", "give source_customer_id"),
        ("key: id", "duplicate key"),
        ("title: &a Other", "an anchor"),
    ],
)
def test_a_mistake_is_named(refusal: Any, wrong: str, reason: str) -> None:
    assert reason in refusal(GOOD + wrong + "\n")


def test_a_part_without_the_contact_it_speaks_of_is_refused(refusal: Any) -> None:
    without = GOOD.replace("  source_contact_id: id\n", "")

    assert "give source_contact_id" in refusal(without)


def test_no_stays_a_word(tmp_path: Path) -> None:
    profile = mine(tmp_path, GOOD.replace("{tel: voice}", "{NO: voice}"))

    channel = profile.fields["channel"]
    assert channel.map == {"NO": "voice"}


def test_an_unknown_profile_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean `zendesk_tickets`"):
        load_profile("zendesk_ticket")


def test_a_profile_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_profile(tmp_path / "none.yaml")


def test_settings_fill_their_places_and_leave_others_out(tmp_path: Path) -> None:
    profile = mine(tmp_path)

    assert "topic_raw" not in resolve(profile).fields
    filled = resolve(profile, {"topic": "why", "tz": "Asia/Tokyo"}).fields
    assert filled["topic_raw"].origins == ("why",)
    assert filled["started_at"].tz == "Asia/Tokyo"


def test_a_setting_nobody_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no setting topik; did you mean `topic`"):
        resolve(mine(tmp_path), {"topik": "why"})


def test_a_setting_that_makes_the_profile_wrong_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"its settings do not fit.*no time zone"):
        resolve(mine(tmp_path), {"tz": "Nowhere"})


def test_the_hash_knows_profile_settings_and_key(tmp_path: Path) -> None:
    profile = mine(tmp_path)
    other = mine(tmp_path, GOOD.replace("tel: voice", "tel: callback"))
    hashes = {
        mapping_hash(profile, None, "k1"),
        mapping_hash(profile, {"tz": "Asia/Tokyo"}, "k1"),
        mapping_hash(profile, None, "k2"),
        mapping_hash(other, None, "k1"),
    }

    assert len(hashes) == 4
    assert mapping_hash(profile, {"tz": "UTC"}, "k1") in hashes


def test_the_schema_accepts_what_ships_and_refuses_what_does_not_exist() -> None:
    schema = jsonschema.Draft202012Validator(profile_schema())
    folder = Path(__file__).parents[2] / "src/cxmap/sources/profiles"
    for path in folder.glob("*.yaml"):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        schema.validate(json.loads(json.dumps(written)))
        with pytest.raises(jsonschema.ValidationError):
            schema.validate({**written, "contakt": {}})


@pytest.mark.parametrize(
    "text",
    [
        "read_csv('x')",
        "read_parquet('/etc/passwd')",
        "(SELECT 1)",
        "a = (SELECT b FROM t)",
        "a IN (SELECT b FROM t)",
        "EXISTS (SELECT 1)",
        "a FROM t",
        "a; DROP TABLE t",
        "*",
        "",
        "MAX(a)",
        "COUNT(*)",
        "a = MIN(b)",
        "ROW_NUMBER() OVER (ORDER BY a)",
        "LAG(a) OVER (ORDER BY b)",
        "CAST(a AS INT)",
        "a::int",
        "STRPTIME(a, '%Y')",
        "NOW()",
        "CURRENT_TIMESTAMP",
        "c = 'x'",
        "a - 1",
    ],
)
def test_an_expression_that_reaches_beyond_its_row_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        expressions.check(text, TEXTS)


@pytest.mark.parametrize(
    "text",
    [
        "COALESCE(a, 'SELECT FROM OVER NOW') NOT IN ('x')",
        "TRY_CAST(a AS BIGINT) - 1",
        "CASE WHEN a LIKE '%x%' THEN b ELSE a END",
        "REGEXP_REPLACE(a, '^[^:]*:', '')",
        "a IS NULL OR b ~ '^x'",
    ],
)
def test_an_expression_over_its_row_is_accepted(text: str) -> None:
    expressions.check(text, TEXTS)


def test_two_orders_of_day_and_month_are_refused_with_both_lines(
    map_file: Any, shared: Any, tmp_path: Path
) -> None:
    profile = tmp_path / "dates.yaml"
    both = '["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]'
    text = GOOD.replace("key: id", "key: ticket_id").replace(
        "_id: id", "_id: ticket_id"
    )
    text = text.replace("from: how", "from: channel").replace(
        "from: at", "from: created_at"
    )
    profile.write_text(text.replace("iso8601", both), encoding="utf-8")
    path = shared("nasty/26_dates_dmy_mdy.csv")

    with pytest.raises(ExportError, match=r"line 4 .*day first, line 5 .*month first"):
        map_file(path, profile)

    profile.write_text(text.replace("iso8601", '"%d/%m/%Y %H:%M"'), encoding="utf-8")
    assert map_file(path, profile).rejects() == [(5, "created_at", "bad_time", True)]
