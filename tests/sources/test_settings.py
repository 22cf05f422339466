"""Settings of a profile, judged one by one."""

import zoneinfo
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.sources.profile import load_profile, settings_of, shipped_names
from cxmap.sources.settings import unfit, wrong_setting

SURVEY = load_profile("generic_survey")
JSON = load_profile("zendesk_tickets")
SHEET = load_profile("zendesk_csv")


@pytest.mark.parametrize("name", shipped_names())
def test_the_defaults_of_what_ships_are_right(name: str) -> None:
    profile = load_profile(name)
    wrong = [
        found
        for setting, default in settings_of(profile).items()
        for found in wrong_setting(
            profile, setting, list(default) if isinstance(default, tuple) else default
        )
    ]

    assert wrong == []
    assert unfit(profile) == []


@given(st.sampled_from(sorted(zoneinfo.available_timezones())))
def test_every_zone_there_is_will_do(zone: str) -> None:
    assert list(wrong_setting(SHEET, "tz", zone)) == []


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new_york", "America/New_York"),
        ("Zzyzx", "Europe/Berlin"),
        ("../../etc/passwd", "such as"),
        (3, "such as"),
        ([], "such as"),
    ],
)
def test_another_zone_is_told_which_was_meant(zone: object, meant: str) -> None:
    (wrong,) = wrong_setting(SHEET, "tz", zone)

    assert meant in wrong.reason


@given(st.text(max_size=3))
def test_only_codes_that_phone_numbers_know_are_countries(code: str) -> None:
    known = code in phonenumbers.SUPPORTED_REGIONS

    assert (not list(wrong_setting(None, "region", code))) == known


@pytest.mark.parametrize(
    "given_region", ["Germany", "de", "UK", "DEU", "49", 49, ["DE"]]
)
def test_what_is_no_country_code_is_told_how_one_looks(given_region: object) -> None:
    (wrong,) = wrong_setting(SHEET, "region", given_region)

    assert "two letters" in (wrong.help or "")
    assert ("did you mean `DE`?" in (wrong.help or "")) == (given_region == "de")


@pytest.mark.parametrize(
    ("numbers", "places"),
    [
        (["+49 30 1234567", "110"], []),
        ([], []),
        ("+49 30 1234567", [()]),
        (110, [()]),
        (["+49 30 1234567", 110], [(1,)]),
        (["reception", "+49 30 1234567", "x"], [(0,), (2,)]),
    ],
)
def test_own_numbers_are_a_list_of_texts_with_digits(
    numbers: object, places: list[tuple[int, ...]]
) -> None:
    wrong = list(wrong_setting(SHEET, "own_numbers", numbers))

    assert [one.place for one in wrong] == places
    assert all(one.help for one in wrong)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("scale_min", "1", "is not a number"),
        ("scale_min", True, "is not a number"),
        ("high_is_good", "yes", "is not true or false"),
        ("high_is_good", 1, "is not true or false"),
        ("survey_type", "csta", "is not one of: csat, nps"),
        ("survey_type", 3, "is not text"),
        ("contact_source", ["a"], "is not text"),
        ("contact_source", {"a": "b"}, "is not text"),
        ("contact_source", 7, "is not text"),
    ],
)
def test_a_setting_of_another_kind_is_told_once(
    name: str, value: object, reason: str
) -> None:
    (wrong,) = wrong_setting(SURVEY, name, value)

    assert reason in wrong.reason
    assert "Value error" not in wrong.reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scale_min", 0),
        ("scale_max", 10.5),
        ("high_is_good", False),
        ("survey_type", "nps"),
        ("contact_source", "desk"),
        ("contact_source", None),
        ("tz", None),
        ("region", None),
    ],
)
def test_a_setting_of_its_kind_is_right(name: str, value: object) -> None:
    assert list(wrong_setting(SURVEY, name, value)) == []


def test_a_path_into_json_is_compiled() -> None:
    (wrong,) = wrong_setting(JSON, "topic", "custom[?")

    assert "is no path into JSON" in wrong.reason
    assert list(wrong_setting(JSON, "topic", "custom.reason")) == []


def test_without_a_profile_only_what_all_take_is_judged() -> None:
    assert list(wrong_setting(None, "topic", 3)) == []
    assert list(wrong_setting(None, "tz", "Nowhere"))


def test_a_profile_that_its_own_defaults_make_wrong_is_unfit(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "profile: mine\nsystem: s\ntitle: T\nsettings: {zone: Nowhere}\n"
        "contact:\n  source_contact_id: id\n"
        '  started_at: {from: at, time: iso8601, tz: "${zone}"}\n'
        '  ended_at: {from: end, time: iso8601, tz: "${zone}"}\n',
        encoding="utf-8",
    )

    assert unfit(load_profile(path)) == [
        "`Nowhere` is no time zone; such as Europe/Berlin"
    ]
    assert unfit(load_profile(path), {"zone": "UTC"}) == []
    assert "no setting zoen" in unfit(load_profile(path), {"zoen": "UTC"})[0]
