"""Identifiers: comparable forms and distrust, against the libraries themselves."""

import csv
from typing import Any

import phonenumbers
import polars as pl
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.names import IDENTIFIER_FLAGS
from cxmap.sources import identifiers, phones

LOCAL = st.text("abcxyz019_+%.-", min_size=1, max_size=12) | st.integers(60, 66).map(
    lambda size: "a." * (size // 2) + "b" * (size % 2 + 1)
)
LABEL = st.text("abcxyz019-", min_size=1, max_size=8) | st.integers(60, 66).map(
    lambda size: "a" * size
)
DIGITS = st.text("0123456789", min_size=1, max_size=15)


def own(value: str, kind: str, **told: Any) -> tuple[str | None, str | None]:
    return identifiers.normalise(kind, pl.Series([value]), **told).row(0)


@given(LOCAL, st.lists(LABEL, min_size=1, max_size=3), st.sampled_from(["org", "test"]))
@settings(max_examples=100)
def test_an_address_passed_unchecked_is_what_the_library_makes_of_it(
    local: str, labels: list[str], top: str
) -> None:
    address = f"{local}@{'.'.join([*labels, top])}"
    normalised, flag = identifiers.email(address)
    try:
        checked = validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
        )
    except EmailNotValidError:
        assert flag == "malformed"
    else:
        assert flag != "malformed"
        assert normalised == checked.normalized


@given(st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)), DIGITS)
@settings(max_examples=100)
def test_a_number_passed_unchecked_is_what_the_library_makes_of_it(
    code: int, national: str
) -> None:
    number = f"+{code}{national}"
    if phones.is_plain(number):
        parsed = phonenumbers.parse(number, None)
        assert phonenumbers.is_possible_number(parsed)
        assert (
            phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            == number
        )


def test_every_countrys_own_example_gives_the_librarys_form() -> None:
    plain = 0
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in (0, 1):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            e164 = phonenumbers.format_number(example, 0)
            local = phonenumbers.format_number(example, 2)

            assert phones.normalise(e164, None) == (e164, None)
            assert phones.normalise(local, region) == (e164, None)
            plain += phones.is_plain(e164)

    # The fast path must be the common one, or it is not worth having.
    assert plain > 300


def test_addresses_of_one_person_meet_and_look_alikes_do_not(shared: Any) -> None:
    path = shared("nasty/36_email_identity.csv")
    with path.open(encoding="utf-8", newline="") as file:
        found = [identifiers.email(row["email"]) for row in csv.DictReader(file)]
    comparable = [normalised for normalised, _ in found]
    flags = [flag for _, flag in found]

    assert len(set(comparable[:6])) == 1
    assert comparable[6] not in comparable[:6]
    assert flags[6] == "mixed_script"
    assert comparable[7] == comparable[8]
    assert comparable[13] == comparable[14]
    assert flags[:6] == [None] * 6
    assert flags[15:] == ["malformed", "malformed"]


@pytest.mark.parametrize(
    ("kind", "value", "flag"),
    [
        ("email", "noreply@example.org", "placeholder"),
        ("email", "No-Reply <no-reply@example.org>", "placeholder"),
        ("email", "customer@example.com", "placeholder"),
        ("email", "n/a", "placeholder"),
        ("email", "#NAME?", "placeholder"),
        ("email", "test@test.com", "placeholder"),
        ("email", "info@example.org", "role_mailbox"),
        ("email", "Support+de@example.org", "role_mailbox"),
        ("email", "root@localhost", "malformed"),
        ("email", "a@@b.org", "malformed"),
        ("email", "ann@example.org", None),
        ("email", "ann@desk.local", None),
        ("email", "änn@desk.invalid", None),
        ("phone", "anonymous", "withheld"),
        ("phone", "+266696687", "withheld"),
        ("phone", "+8656696", "withheld"),
        ("phone", "sip:anonymous@anonymous.invalid", "withheld"),
        ("phone", "Restricted", "withheld"),
        ("phone", "4.47911E+11", "precision_lost"),
        ("phone", "4,47911E+11", "precision_lost"),
        ("phone", "0000000000", "placeholder"),
        ("phone", "-", "placeholder"),
        ("phone", "12", "malformed"),
        ("phone", "+12345678", "malformed"),
        ("phone", "+44 20 7946 0018", None),
        ("source_customer_id", "0", "placeholder"),
        ("source_customer_id", "-1", "placeholder"),
        ("source_customer_id", "None", "placeholder"),
        ("source_customer_id", "1.2346E+18", "precision_lost"),
        ("source_customer_id", "1E+15", "precision_lost"),
        ("source_customer_id", "1e3", None),
        ("source_customer_id", "7E12", None),
        ("source_customer_id", "123456789012345000", "precision_lost"),
        ("source_customer_id", "9007199254740993", None),
        ("source_customer_id", "00123", None),
        ("external_id", "C-1", None),
    ],
)
def test_values_nobody_may_trust_are_flagged(
    kind: str, value: str, flag: str | None
) -> None:
    assert own(value, kind)[1] == flag
    assert flag is None or flag in IDENTIFIER_FLAGS


@pytest.mark.parametrize(
    ("value", "region", "expected"),
    [
        ("020 7946 0018", "GB", "+442079460018"),
        ("447911000123.0", "GB", "+447911000123"),
        ("tel:+447911000001", None, "+447911000001"),
        ("sip:+447911000001@pbx.example;user=phone", None, "+447911000001"),
        ("whatsapp:+447911000001", None, "+447911000001"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("1 (555) 000-1111", None, "15550001111"),
    ],
)
def test_a_number_is_read_in_its_region_or_stays_its_digits(
    value: str, region: str | None, expected: str
) -> None:
    assert own(value, "phone", region=region) == (expected, None)


def test_the_companys_own_lines_are_nobodys(shared: Any) -> None:
    told = {"region": "US", "own_numbers": ["(205) 953-1462"]}

    assert own("+12059531462", "phone", **told)[1] == "own_line"
    assert own("205-953-1462", "phone", **told)[1] == "own_line"
    assert own("+12059531463", "phone", **told)[1] is None


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("desk@shop.test", "own_line"),
        ("Desk <DESK@Shop.test>", "own_line"),
        ("ann@care.test", "own_line"),
        ("ann@CARE.test", "own_line"),
        ("info@care.test", "role_mailbox"),
        ("noreply@care.test", "placeholder"),
        ("ann@shop.test", None),
        ("ann@my.care.test", None),
        ("ann@care.test.org", None),
        ("care.test@home.test", None),
        ("n/a", "placeholder"),
    ],
)
def test_the_companys_own_addresses_are_nobodys(value: str, flag: str | None) -> None:
    told = {"own_addresses": ["desk@SHOP.test", "@care.test"]}

    assert own(value, "email", **told)[1] == flag
    assert own("desk@shop.test", "external_id", **told)[1] is None


def test_ids_stay_text() -> None:
    assert [own(v, "external_id")[0] for v in ("00123", "0123", "123 ", "123")] == [
        "00123",
        "0123",
        "123",
        "123",
    ]
    assert own("42.0", "external_id")[0] == "42"


def test_rows_keep_their_order_and_nulls_stay() -> None:
    values = pl.Series(["b@x.org", None, "a@x.org", "b@x.org"])
    judged = identifiers.normalise("email", values)

    assert judged["normalised"].to_list() == ["b@x.org", None, "a@x.org", "b@x.org"]
    assert judged["flag"].null_count() == 4


ODD = st.text(" 0123456789eE.+-#abcN/A@_", max_size=12)
USUAL = st.sampled_from(["A-17", "42", "info+x", "noreply", "customer", "ann", "x1"])


@given(
    st.sampled_from(["email", "phone", "external_id"]),
    st.lists(ODD | USUAL | USUAL.map(lambda word: f"{word}@example.com"), max_size=8),
)
@settings(max_examples=100)
def test_a_column_is_judged_as_its_values_one_by_one(
    kind: str, values: list[str]
) -> None:
    alone = {
        "email": identifiers.email,
        "phone": lambda value: identifiers.phone(value, None, frozenset()),
        "external_id": identifiers.text,
    }[kind]
    judged = identifiers.normalise(kind, pl.Series(values, dtype=pl.String))

    assert judged.rows() == [alone(value) for value in values]
