"""`hours:` in cxmap.yaml: what it may say, and what it is told when it is wrong."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cxmap.config import Config, config_schema, read_config, show
from cxmap.errors import ConfigError, Exit
from cxmap.options import Holidays, NamedSchedule, Schedule, every
from cxmap.yamls.documents import read_document

HERE = Path("conf/cxmap.yaml")
HOUR, DAY = 3_600, 86_400
ALWAYS = every(range(7), 0, DAY)

WHOLE = """
timezone: Europe/Berlin
sources: {desk: {}, calls: {}}
hours:
  week: {mon: ["08:00-12:00", "13:00-18:00"], fri: "22:00-06:00", sat: ["10:00-24:00"]}
  holidays: {country: DE, subdivision: BE, dates: [2026-12-31, 2026-12-24]}
  convention: last
  schedules:
    hotline: {week: 24/7, queues: [night], holidays: {}}
    chicago: {zone: America/Chicago, days: [mon], teams: [Level 1, 7], sources: desk}
    chats: {opens: "10:00", channel_groups: [chat, messaging]}
"""


def read(text: str) -> Config:
    return read_config(text, HERE)


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(text)

    assert caught.value.code == Exit.USAGE
    return str(caught.value)


def test_a_week_has_several_spans_a_day_and_spans_over_midnight() -> None:
    usual = read(WHOLE).hours.usual

    assert usual.zone == "Europe/Berlin"
    assert usual.week == (
        ((8 * HOUR, 12 * HOUR), (13 * HOUR, 18 * HOUR)),
        (),
        (),
        (),
        ((22 * HOUR, DAY + 6 * HOUR),),
        ((10 * HOUR, DAY),),
        (),
    )
    assert usual.holidays == Holidays(
        "DE", "BE", (date(2026, 12, 24), date(2026, 12, 31))
    )


def test_a_schedule_takes_zone_and_holidays_from_the_usual_one_unless_it_says() -> None:
    hours = read(WHOLE).hours
    closed = hours.usual.holidays
    office, ten = every([0], 9 * HOUR, 17 * HOUR), every(range(5), 10 * HOUR, 17 * HOUR)

    assert hours.convention == "last"
    assert hours.schedules == (
        NamedSchedule("hotline", Schedule("Europe/Berlin", ALWAYS), queues=("night",)),
        NamedSchedule(
            "chicago",
            Schedule("America/Chicago", office, closed),
            sources=("desk",),
            teams=("Level 1", "7"),
        ),
        NamedSchedule(
            "chats",
            Schedule("Europe/Berlin", ten, closed),
            channel_groups=("chat", "messaging"),
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        "hours: 24/7",
        "hours: {week: 24/7}",
        'hours: {week: {mon: "00:00-24:00", tue: "00:00-24:00", wed: "00:00-24:00", '
        'thu: "00:00-24:00", fri: "00:00-24:00", sat: "00:00-24:00", '
        'sun: "00:00-24:00"}}',
    ],
)
def test_always_open_is_said_in_a_word_or_day_by_day(text: str) -> None:
    assert read(text).hours.usual == Schedule(week=ALWAYS)


def test_the_short_form_stays_what_it_was() -> None:
    short = read('hours: {days: [mon, wed], opens: "08:30", closes: "12:00"}').hours

    assert short.usual.week == every([0, 2], 8 * HOUR + 1_800, 12 * HOUR)
    assert (short.schedules, short.convention, short.assumed) == ((), "all", False)


def test_what_is_shown_reads_back_and_shows_one_form_only() -> None:
    for text in (WHOLE, "hours: 24/7", 'hours: {opens: "08:00"}'):
        config = read(text)
        assert read(show(config)).hours == config.hours

    shown = show(read(WHOLE)).partition("\nhours:")[2].partition("schedules:")[0]
    assert "opens" not in shown
    assert '    mon: ["08:00-12:00", "13:00-18:00"]\n' in shown
    assert "week" not in show(read('hours: {opens: "08:00"}'))


def test_the_published_schema_knows_every_form() -> None:
    schema = json.loads(json.dumps(config_schema()))

    def accepted(text: str) -> bool:
        value: Any = read_document(text, HERE).root.value
        return jsonschema.Draft202012Validator(schema).is_valid(value)

    assert accepted(WHOLE)
    assert accepted("hours: 24/7")
    assert not accepted("hours: 24-7")
    assert not accepted("hours: {week: {mon: ['8-12']}}")
    assert not accepted("hours: {weeks: 24/7}")


@pytest.mark.parametrize(
    ("text", "caret", "said"),
    [
        ('hours: {week: {mon: ["8-12"]}}', '"8-12"', 'such as "08:00-12:00"'),
        ("hours: {week: {mon: [8]}}", "8", 'such as "08:00-12:00"'),
        ("hours: {week: {mon: 24:00-24:00}}", "24:00-24:00", "from when to when"),
        ("hours: {week: {mon: 10:00-10:00}}", "10:00-10:00", '"00:00-24:00"'),
        (
            "hours: {week: {mon: [08:00-12:00, 11:00-13:00]}}",
            "11:00-13:00",
            "overlaps mon 08:00-12:00",
        ),
        (
            "hours: {week: {sun: 22:00-06:00, mon: 05:00-08:00}}",
            "05:00-08:00",
            "overlaps sun 22:00-06:00",
        ),
        ("hours: {week: {mon: []}}", "hours", "never open"),
        ("hours: {week: {montag: 08:00-09:00}}", "montag", "did you mean `mon`?"),
        ('hours: {week: 24/7, opens: "08:00"}', '"08:00"', "beside week"),
        ('hours: {opens: "18:00"}', "hours", "over midnight are written as week"),
        ("hours: 24-7", "24-7", "write 24/7, or a map"),
        ("hours: {holidays: DE}", "DE", "one of: country, subdivision, dates"),
        ("hours: {holidays: {country: XX}}", "XX", "such as DE"),
        ("hours: {holidays: {country: us}}", "us", "such as US"),
        ("hours: {holidays: {country: DE, subdivision: XX}}", "XX", "BB, BE, BW"),
        ("hours: {holidays: {country: DE, subdivision: Berln}}", "Berln", "of DE"),
        ("hours: {holidays: {country: SG, subdivision: A}}", "A", "leave it out"),
        ("hours: {holidays: {subdivision: BE}}", "BE", "of which country?"),
        ("hours: {holidays: {dates: [24.12.2026]}}", "24.12.2026", "2026-12-24"),
        ("hours: {holidays: {dates: [2026-02-30]}}", "2026-02-30", "2026-12-24"),
        ("hours: {convention: first}", "first", "one of: last, all"),
        ('hours: {schedules: {a: {opens: "08:00"}}}', "a", "for whom?"),
        ("hours: {schedules: {usual: {teams: x}}}", "usual", "name it otherwise"),
        ('hours: {schedules: {"a b": {teams: x}}}', '"a b"', "name a schedule with"),
        ("hours: {schedules: {a: {team: x}}}", "team", "did you mean `teams`?"),
        (
            "hours: {schedules: {a: {channel_groups: [phone]}}}",
            "phone",
            "one of: voice, written",
        ),
        (
            "hours: {schedules: {a: {sources: [dsk]}}}\nsources: {desk: {}}",
            "dsk",
            "did you mean `desk`?",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(text: str, caret: str, said: str) -> None:
    told = refusal(text)
    line = text.splitlines()[0]

    assert said in told
    assert f"conf/cxmap.yaml:1:{line.index(caret) + 1}\n" in told
    assert told.count("error: ") == 1


def test_everything_that_is_wrong_is_told_at_once() -> None:
    told = refusal(
        'hours: {week: {mon: ["8-12"]}, holidays: {country: XX}, convention: first}'
    )

    assert told.count("error: ") == 3


def test_the_hash_covers_every_word_of_the_hours() -> None:
    texts = [
        "hours: {}",
        "hours: 24/7",
        "hours: {zone: Asia/Tokyo}",
        "hours: {convention: last}",
        "hours: {holidays: {country: DE}}",
        "hours: {holidays: {country: DE, subdivision: BE}}",
        "hours: {holidays: {dates: [2026-12-24]}}",
        "hours: {schedules: {a: {teams: x}}}",
        "hours: {schedules: {a: {queues: x}}}",
        "hours: {schedules: {a: {teams: x, week: 24/7}}}",
        "hours: {schedules: {a: {teams: x}, b: {teams: y}}}",
        "hours: {schedules: {b: {teams: y}, a: {teams: x}}}",
    ]

    assert len({read(text).hash for text in texts}) == len(texts)


def test_the_form_it_is_written_in_leaves_the_hash_as_it_is() -> None:
    office = ", ".join(f"{day}: 09:00-17:00" for day in ("mon", "tue", "wed", "thu"))
    spelled = f"hours: {{week: {{{office}, fri: 09:00-17:00}}}}"

    assert read(spelled).hash == read("hours: {}").hash
