"""cxmap.yaml: what it may say, what it means, and what it is told when it is wrong."""

import json
import re
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import jsonschema
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.config import (
    Config,
    config_schema,
    find_config,
    load_config,
    read_config,
    show,
)
from cxmap.config.policies import full_settings, read_policies
from cxmap.config.settings import Settings
from cxmap.config.spelling import Group
from cxmap.definitions import Measure, friction, kpi
from cxmap.errors import ConfigError, Exit
from cxmap.names import CHANNEL_GROUPS
from cxmap.options import (
    Hours,
    IdentityRules,
    LinkRules,
    RepeatRule,
    Schedule,
    Window,
    every,
)
from cxmap.yamls.documents import read_document
from cxmap.yamls.problems import check_document

HERE = Path("conf/cxmap.yaml")
SHIPPED = Path(__file__).parents[1] / "configs/cxmap.yaml"


def read(text: str) -> Config:
    return read_config(text, HERE)


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text)

    assert caught.value.code == Exit.USAGE
    assert str(caught.value).endswith("in conf/cxmap.yaml. Nothing was run.")
    return str(caught.value)


def test_without_a_file_every_room_gets_its_own_defaults() -> None:
    config = load_config(None)

    assert config.origin is None
    assert config.identity == IdentityRules()
    assert config.links == LinkRules()
    assert config.repeat == RepeatRule()
    assert config.hours == Hours()
    assert config.store == Path(".cxmap")
    assert config.sources == config.topics == config.targets == {}
    assert (config.privacy.min_cell, config.privacy.agents) == (10, False)
    assert config.privacy.retention == timedelta(days=800)


def test_the_shipped_file_spells_out_the_defaults_and_nothing_else() -> None:
    shipped, default = load_config(SHIPPED), load_config(None)

    assert shipped.hash == default.hash
    for part in ("identity", "links", "repeat", "hours", "privacy", "kpis", "timezone"):
        assert getattr(shipped, part) == getattr(default, part)


def test_the_shipped_file_leaves_no_key_out() -> None:
    def keys(value: object, at: str = "") -> set[str]:
        if not isinstance(value, dict):
            return set()
        below = (keys(inner, f"{at}/{name}") for name, inner in value.items())
        return {f"{at}/{name}" for name in value}.union(*below)

    spelled = read_document(SHIPPED.read_text("utf-8"), SHIPPED).root.value
    every = Settings().model_dump(mode="json", by_alias=True)

    assert keys(every) - keys(spelled) == {"/hours"}


def test_the_examples_in_the_shipped_file_are_valid() -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    examples = "\n".join(
        line.removeprefix("# ")
        for line in lines
        if re.match(
            r"# (  |sources:|topics:|hours:|frictions:|kpis:|segments:|costs:|annot)",
            line,
        )
    )
    config = read(examples.replace("sources:", "sources:\n  calls: {}", 1))

    assert config.sources["helpdesk"].profile == "zendesk_tickets"
    assert config.targets["first_response_time"] == 4 * 3600
    assert config.hours.usual.zone == "Europe/Berlin"


def test_a_configuration_cannot_be_changed() -> None:
    config = load_config(None)

    with pytest.raises(FrozenInstanceError):
        config.timezone = "CET"  # type: ignore[misc]


def test_a_rule_is_off_or_a_duration_or_a_map() -> None:
    links = read(
        """
        links:
          reference: off
          same_topic: 14d
          unknown_topic: off
          retry: {from: start, topics: {a/b: 1h}, channel_groups: {chat: 30m}}
        """
    ).links

    assert links.reference is False
    assert links.same_topic == Window(timedelta(days=14))
    assert links.unknown_topic.default is None
    assert links.unknown_topic_after_resolved == timedelta(hours=24)
    assert links.retry == Window(
        timedelta(hours=2),
        topics={"a/b": timedelta(hours=1)},
        channel_groups={"chat": timedelta(minutes=30)},
        start_clock="start",
    )


def test_a_bare_repeat_holds_for_every_channel_and_a_map_keeps_the_slow_ones() -> None:
    assert read("repeat: 5d").repeat.within == Window(timedelta(days=5))
    slow = read("repeat: {within: 5d}").repeat.within.channel_groups

    assert slow == {"written": timedelta(days=10), "social": timedelta(days=10)}
    assert read("repeat: {channel_groups: {}}").repeat.within.channel_groups == {}


def test_reopen_is_a_duration_or_a_map() -> None:
    for text in ("reopen: 3d", "reopen: {within: 3d}"):
        assert read(text).repeat.reopen_within == timedelta(days=3)


def test_one_cap_leaves_the_others() -> None:
    caps = read("identity: {caps: {phone: 2}}").identity.caps

    assert caps == {**IdentityRules().caps, "phone": 2}


def test_hours_are_in_the_zone_of_the_file_unless_they_name_their_own() -> None:
    assumed = read("timezone: Europe/Berlin").hours
    own = read('hours: {zone: Asia/Tokyo, days: [sat, mon], closes: "20:30"}').hours

    assert assumed == Hours(Schedule("Europe/Berlin"), assumed=True)
    week = every([0, 5], 9 * 3600, 20 * 3600 + 1800)
    assert own == Hours(Schedule("Asia/Tokyo", week), assumed=False)


def test_a_source_says_what_it_is_and_paths_start_at_the_file() -> None:
    config = read(
        """
        store: data/store
        timezone: Europe/Berlin
        sources:
          desk:
            profile: mine/desk.yaml
            files: ../exports/*.csv
            settings: {tz: CET, own_numbers: ["+491"], field: 7}
            covered: [2026-01-01, 2026-03-31]
            complete: on
            url: "https://desk.example/{source_contact_id}"
          calls: {profile: asterisk_queue_log, files: [a.log, b/*.log]}
        privacy: {key: keys/cxmap.key}
        """
    )
    desk, calls = config.sources["desk"], config.sources["calls"]

    assert config.store == Path("conf/data/store")
    assert config.key_path == Path("conf/keys/cxmap.key")
    assert desk.profile == Path("conf/mine/desk.yaml")
    assert desk.files == ("conf/../exports/*.csv",)
    assert desk.settings == {"tz": "CET", "own_numbers": ["+491"], "field": 7}
    assert desk.coverage.since == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert desk.coverage.until == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert desk.coverage.complete
    assert calls.profile == "asterisk_queue_log"
    assert calls.files == ("conf/a.log", "conf/b/*.log")
    assert (calls.coverage.since, calls.coverage.until) == (None, None)


def test_codes_of_topics_are_text_even_where_they_look_like_numbers() -> None:
    topics = read(
        "topics: {billing/refund: {desk: [7, 007, Refund], calls: RF}}"
    ).topics

    assert topics == {
        "billing/refund": {"desk": ("7", "007", "Refund"), "calls": ("RF",)}
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("storre: x", "did you mean `store`?"),
        ("timezone: Europe/Berln", "no time zone of that name"),
        ("timezone: ../../etc/passwd", "no time zone of that name"),
        ("links: {same_topic: 7}", "`7`: write a duration with its unit"),
        ("links: {same_topic: 7 days}", "write a duration with its unit"),
        ("links: {same_topic: -7d}", "write a duration with its unit"),
        ("links: {same_topic: {form: start}}", "did you mean `from`?"),
        ("links: {same_topic: {from: end}}", "one of: last_touch, start"),
        ("links: {same_topic: {topics: {/x: 3d}}}", "words parted by slashes"),
        ("links: {same_topic: {channel_groups: {phone: 3d}}}", "unknown key `phone`"),
        ("links: {reference: 7d}", "write on or off"),
        ("links: {farthest: off}", "write a duration"),
        ("repeat: {unknown_topic: counts}", "did you mean `count`?"),
        ("reopen: 7", "write a duration with its unit"),
        ("identity: {level: norml}", "did you mean `normal`?"),
        ("identity: {email_cap: 0}", "greater than or equal to 1"),
        ("identity: {email_cap: '2'}", "not a whole number"),
        ("identity: {caps: {phone: 0}}", "a cap is a whole number from 1"),
        ("identity: {caps: {fax: 3}}", "unknown key `fax`"),
        ("hours: {days: [monday]}", "did you mean `mon`?"),
        ("hours: {days: []}", "at least 1 item"),
        ("hours: {opens: 9}", "write a time of day"),
        ('hours: {opens: "18:00"}', "opens must be earlier than closes"),
        ("hours: {zone: Mars/Base}", "no time zone of that name"),
        ("topics: {billing: {desk: [1.5]}}", "put it in quotes"),
        ("topics: {a: {d: [x]}, b: {d: [x]}}", "already mapped to `a`"),
        ("topics: {a: {d: x}, b: {d: [y, x]}}", "already mapped to `a`"),
        ("topics: {a: {deks: [x]}}\nsources: {desk: {}}", "did you mean `desk`?"),
        ("sources: {a:b: {}}", "name a source with letters"),
        ("sources: {../x: {}}", "name a source with letters"),
        ("sources: {a: {profil: x}}", "did you mean `profile`?"),
        ("sources: {a: {files: 7}}", "not text"),
        ("sources: {a: {complete: yes}}", "write on or off"),
        ("sources: {a: {covered: [2026-01-01]}}", "[from, until]"),
        ("sources: {a: {covered: [2026-02-30, null]}}", "such as 2026-09-30"),
        ("sources: {a: {covered: [2026-02-01, 2026-01-01]}}", "ends before it begins"),
        ("sources: {a: {url: 'https://x'}}", "write {source_contact_id} where"),
        ("sources: {a: {url: 'https://x/{agent}'}}", "write {source_contact_id} where"),
        ("sources: {a: {url: 'https://x/{'}}", "write {source_contact_id} where"),
        ("sources: {a: {url: 'javascript:{source_contact_id}'}}", "https://"),
        ("privacy: {retention: 800}", "write a duration with its unit"),
        ("privacy: {agents: 1}", "write on or off"),
        ("privacy: {text: keep}", "one of: drop, features"),
        ("privacy: {min_cell: 0}", "greater than or equal to 1"),
        ("costs: {currency: euro}", "should match pattern"),
        ("costs: {contact: {voice: 5}}", "missing key `currency`"),
        ("annotations: [{from: 2026-01-01}]", "missing key `text`"),
        ("annotations: [{from: lately, text: x}]", "such as 2026-09-30"),
        ("kpis: {first_contact: off}", "did you mean `first_contact_resolution`?"),
        ("kpis: {csat: on}", "is not"),
        ("kpis: {csat: {target: 80}}", "a share lies between 0 and 1"),
        ("kpis: {csat: {target: 80%}}", "write 0.8"),
        ("kpis: {csat: {target: null}}", "not a number"),
        ("kpis: {csat: {targt: 0.8}}", "did you mean `target`?"),
        ("kpis: {first_response_time: {target: 4}}", "write a duration with its unit"),
        ("kpis: {nps: {target: high}}", "`high` is not a number"),
        ("frictions: {long_wiat: off}", "did you mean `long_wait`?"),
        ("frictions: {long_wait: {severity: huge}}", "one of: low, medium, high"),
        ("frictions: {long_wait: {weight: -1}}", "greater than or equal to 0"),
        ("frictions: {long_wait: {weight: 101}}", "less than or equal to 100"),
        ("frictions: {long_wait: {weight: heavy}}", "not a number"),
        ("frictions: {long_wait: {wieght: 1}}", "did you mean `weight`?"),
        ("kpis: {csat: {weight: 1}}", "weight"),
        ("costs: {currency: EUR, contact: {voice: -5}}", "greater than or equal to 0"),
        ("costs: {currency: EUR, hour: -1}", "greater than or equal to 0"),
        ("costs: {currency: EUR, contact: {phone: 5}}", "phone"),
    ],
)
def test_each_mistake_is_told_what_would_be_right(text: str, said: str) -> None:
    message = refusal(text)

    assert said in message
    assert re.search(r"--> conf/cxmap.yaml:\d+:\d+\n", message)
    assert message.count("error:") == 1, message


def test_all_mistakes_of_all_kinds_stand_in_one_message_in_the_files_order() -> None:
    message = refusal(
        """\
kpis: {first_contact: off, csat: {target: 80%}}
links: {same_topic: 7}
topics: {a: {deks: [x]}, b: {desk: [y]}, c: {desk: [y]}}
sources: {desk: {covered: [2026-02-01, 2026-01-01]}}
frictions: {long_wait: {severity: huge}}
"""
    )
    lines = [int(n) for n in re.findall(r"cxmap.yaml:(\d+):", message)]

    assert lines == [1, 1, 2, 3, 3, 4, 5]
    assert message.endswith("7 errors in conf/cxmap.yaml. Nothing was run.")


def test_policies_say_which_are_off_their_targets_and_their_options() -> None:
    config = read(
        """
        kpis:
          csat: off
          first_contact_resolution: {target: 0.66}
          first_response_time: {target: 4h}
          nps: {target: -5}
          abandonment_rate: {short_abandon: 10s}
        frictions:
          channel_ping_pong: off
          long_wait: {severity: high, weight: 0.8}
        """
    )

    assert config.kpis.off == {"csat"}
    assert config.targets == {
        "first_contact_resolution": 0.66,
        "first_response_time": 14_400.0,
        "nps": -5.0,
    }
    reopening = config.kpi_options["reopen_rate"]
    assert reopening == {"within": timedelta(days=7)}
    given = {k: v for k, v in config.kpi_options.items() if k != "reopen_rate"}
    assert given == {"abandonment_rate": {"short_abandon": timedelta(seconds=10)}}
    assert config.frictions.off == {"channel_ping_pong"}
    assert config.frictions.severities == {"long_wait": "high"}
    assert config.frictions.weights == {"long_wait": 0.8}
    assert config.friction_options == {}


@pytest.mark.parametrize(
    ("place", "at"),
    [
        (("kpis", "csat", "target"), "cxmap.yaml:3"),
        (("kpis", "nps", "target"), "default"),
        (("frictions", "abandon", "short"), "default"),
        (("frictions", "transfer", "at_least"), "cxmap.yaml:6"),
        (("repeat", "within"), "cxmap.yaml:7"),
        (("links", "retry", "within"), "default"),
        (("hours",), "default"),
        (("store",), "default"),
    ],
)
def test_a_setting_knows_on_which_line_it_was_made(
    place: tuple[str, ...], at: str
) -> None:
    config = read(
        "kpis:\n"
        "  csat:\n"
        "    target: 0.8\n"
        "frictions:\n"
        "  abandon: {}\n"
        "  transfer: {severity: high, at_least: 2}\n"
        "repeat: 5d\n"
        "links: {reference: on}\n"
    )

    assert config.said_at(*place) == at


def test_without_a_file_every_setting_is_a_default() -> None:
    assert load_config(None).said_at("repeat", "within") == "default"


def test_options_are_read_by_their_annotation() -> None:
    @kpi(over="contacts", unit="share", better="higher", section="speed")
    def model(
        *,
        within: timedelta = timedelta(hours=1),
        without: timedelta | None = None,
        json: Mapping[str, timedelta] = {},
        mode: Literal["a", "b"] = "a",
        least: int = 3,
    ) -> Measure:
        """Say something."""
        return Measure("share", pl.col("served"), pl.lit(True))

    @friction(because="")
    def copy(*, scale: float = 0.5) -> pl.Expr:
        """Say something."""
        return pl.lit(scale)

    shape = full_settings({"model": model}, {"copy": copy})
    text = """
    kpis: {model: {within: 2h, without: off, json: {chat: 5m}, mode: b, least: 4}}
    frictions: {copy: {scale: 1}}
    """
    checked, problems = check_document(read_document(text, HERE), shape)
    assert checked is not None, problems

    assert read_policies(checked.kpis).options["model"] == {
        "within": timedelta(hours=2),
        "without": None,
        "json": {"chat": timedelta(minutes=5)},
        "mode": "b",
        "least": 4,
    }
    assert read_policies(checked.frictions).options["copy"] == {"scale": 1.0}
    for wrong in ("within: 2", "json: {chat: 5}", "mode: c", "least: 1.5", "x: 1"):
        text = f"kpis: {{model: {{{wrong}}}}}"
        assert check_document(read_document(text, HERE), shape)[0] is None


def test_channel_groups_are_those_of_the_vocabulary() -> None:
    assert set(Group.__args__) == set(CHANNEL_GROUPS.values())


CHANGES = {
    "identity": "identity: {level: strict}",
    "links": "links: {same_topic: 8d}",
    "repeat": "repeat: {retry: 1h}",
    "reopen": "reopen: 3d",
    "hours": 'hours: {opens: "08:00"}',
    "timezone": "timezone: Asia/Tokyo",
    "topics": "topics: {a: {d: [x]}}",
    "segments": "segments: {a: [b]}",
    "frictions": "frictions: {long_wait: off}",
    "severity": "frictions: {long_wait: {severity: high}}",
    "covered": "sources: {d: {covered: [2026-01-01, null]}}",
    "complete": "sources: {d: {complete: on}}",
}


def test_the_hash_changes_with_everything_that_derived_tables_rest_on() -> None:
    hashes = {name: read(text).hash for name, text in CHANGES.items()}

    assert len({load_config(None).hash, *hashes.values()}) == 1 + len(CHANGES)


@pytest.mark.parametrize(
    "text",
    [
        "# a comment",
        "store: elsewhere",
        "kpis: {csat: {target: 0.8}}",
        "privacy: {min_cell: 5, key: k}",
        "annotations: [{from: 2026-01-01, text: Outage}]",
        "links: {same_topic: 7d}",
        "links: {same_topic: 1w, farthest: 90d}",
        "timezone: UTC",
        "identity: {caps: {phone: 4}}",
        "costs: {currency: EUR, hour: 36}",
        "frictions: {long_wait: {weight: 0.8}}",
    ],
)
def test_the_hash_does_not_change_with_anything_else(text: str) -> None:
    assert read(text).hash == load_config(None).hash


@given(st.permutations(list(CHANGES.values())[:7]), st.permutations(["x", "y", "z"]))
@settings(max_examples=20, deadline=None)
def test_the_hash_does_not_know_the_order_of_keys(
    parts: list[str], values: list[str]
) -> None:
    ordered = [*list(CHANGES.values())[:6], "topics: {a: {d: [x, y, z]}}"]
    shuffled = [
        f"topics: {{a: {{d: [{', '.join(values)}]}}}}" if p.startswith("topics") else p
        for p in parts
    ]

    assert read("\n".join(shuffled)).hash == read("\n".join(ordered)).hash


def test_what_is_shown_reads_back_as_the_same_configuration() -> None:
    text = """
    timezone: Europe/Berlin
    store: "my store: here"
    sources: {d: {files: ["*.csv", "#x", "{a,b}.csv"], covered: [2026-01-01, null]}}
    topics: {"a b/c": {d: ["7", "007", "null", "yes", " x ", "é", "-", "a: b"]}}
    links: {same_topic: off, retry: {topics: {"a b": 90m}}}
    hours: {opens: "08:00"}
    kpis: {csat: off, nps: {target: 30}}
    frictions: {long_wait: {severity: low}}
    annotations: [{from: 2026-01-01, text: "Outage, \\"big\\""}]
    costs: {currency: EUR, contact: {voice: 5.4}}
    """
    config = read(text)
    again = read(show(config))

    assert again.hash == config.hash
    for part in ("sources", "topics", "links", "hours", "kpis", "frictions", "privacy"):
        assert getattr(again, part) == getattr(config, part)
    assert again.annotations == config.annotations
    assert (again.costs, again.store) == (config.costs, config.store)


def test_what_is_shown_marks_defaults_and_only_those() -> None:
    shown = show(read("links: {same_topic: 9d}\nprivacy: {min_cell: 10}"))

    assert "    within: 9d\n" in shown
    assert "  min_cell: 10\n" in shown
    assert "  farthest: 90d  # default\n" in shown
    assert "hours" in shown.splitlines()[1]


def test_the_schema_is_valid_and_accepts_what_the_reader_accepts() -> None:
    schema = json.loads(json.dumps(config_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)

    def accepted(text: str) -> bool:
        value: Any = read_document(text, HERE).root.value
        return jsonschema.Draft202012Validator(schema).is_valid(value)

    assert accepted(SHIPPED.read_text("utf-8"))
    assert accepted("links: {same_topic: 9d, retry: off}\nkpis: {csat: {target: 0.8}}")
    assert accepted("repeat: 5d\nsources: {d: {files: x.csv}}")
    assert not accepted("link: {}")
    assert not accepted("kpis: {first_contact: off}")
    assert not accepted("links: {same_topic: 9}")


def test_the_nearest_file_upward_counts(tmp_path: Path) -> None:
    deep = tmp_path / "a/b/c"
    deep.mkdir(parents=True)
    (tmp_path / "a/cxmap.yaml").touch()

    assert find_config(deep) == tmp_path / "a/cxmap.yaml"
    (deep / "cxmap.yaml").touch()
    assert find_config(deep) == deep / "cxmap.yaml"


def test_the_search_ends_at_a_repository(tmp_path: Path) -> None:
    deep = tmp_path / "repo/b"
    deep.mkdir(parents=True)
    (tmp_path / "cxmap.yaml").touch()
    (tmp_path / "repo/.git").mkdir()

    assert find_config(deep) is None
    (tmp_path / "repo/cxmap.yaml").touch()
    assert find_config(deep) == tmp_path / "repo/cxmap.yaml"


def test_a_folder_of_that_name_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "cxmap.yaml").mkdir()

    assert find_config(tmp_path) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"# \xff\n", "not UTF-8"),
        (b"a: \xe9", "not UTF-8"),
        (b"#" * (1 << 20) + b"##", "larger than 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "cxmap.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=said) as caught:
        load_config(path)

    assert str(path) in str(caught.value)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "cxmap.yaml"
    path.write_bytes(b"\xef\xbb\xbftimezone: CET\n")

    assert load_config(path).timezone == "CET"


def test_any_plain_text_survives_being_shown() -> None:
    for text in ("off", "on", "true", "1", "1.5", "~", "", "- a", "a #b", "'", "請"):
        config = read(f"segments: {{s: [{json.dumps(text)}]}}")
        assert read(show(config)).segments == {"s": (text,)}
