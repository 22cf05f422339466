"""The rule file of manual merges and splits: what it says, and what is wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.byhand import ByHand, Name, Rule, read_name
from cxmap.config import Config, config_schema, load_config
from cxmap.errors import ConfigError, Exit
from cxmap.names import ADDRESSES, CUTS, KEYS

PAGE = Path(__file__).parents[1] / "docs" / "who-is-who.md"
EXAMPLE = Path(__file__).parents[1] / "configs" / "people.yaml"


@pytest.fixture
def config_of(tmp_path: Path) -> "Reader":
    return Reader(tmp_path)


class Reader:
    """Reads a config that names a rule file of the given text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, people: str, config: str = "identity: {rules: p.yaml}"
    ) -> Config:
        (self.folder / "p.yaml").write_text(people, encoding="utf-8")
        (self.folder / "cxmap.yaml").write_text(config, encoding="utf-8")
        return load_config(self.folder / "cxmap.yaml")

    def refusal(self, people: str, config: str = "identity: {rules: p.yaml}") -> str:
        with pytest.raises(ConfigError) as caught:
            self(people, config)
        assert caught.value.code == Exit.USAGE
        return str(caught.value)


def test_the_shipped_example_is_valid(config_of: Reader) -> None:
    by_hand = config_of(EXAMPLE.read_text("utf-8")).identity.by_hand

    assert [len(rules) for rules in (by_hand.merge, by_hand.apart, by_hand.cut)] == [
        2,
        1,
        1,
    ]
    assert by_hand.apart[0].because == "father and son on one mobile"


def test_the_page_shows_a_valid_file_and_names_every_reason(config_of: Reader) -> None:
    page = PAGE.read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    rows = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)

    assert len(config_of(example).identity.by_hand.merge) == 2
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(CUTS)


def test_an_empty_file_rules_nothing(config_of: Reader) -> None:
    assert config_of("").identity.by_hand == ByHand()
    assert config_of("", "{}").identity.by_hand == ByHand()


def test_the_hash_follows_the_rules_and_not_their_order(config_of: Reader) -> None:
    written = "merge:\n  - [a:1, b:2]\n  - [a:3, b:4]\n"
    other = "merge:\n  - [b:4, a:3] # a comment\n  - {people: [b:2, a:1]}\n"

    assert config_of(written).hash == config_of(other).hash
    assert config_of(written).hash != config_of("").hash
    assert (
        config_of("apart: [[a:1, b:2]]").hash != config_of("merge: [[a:1, b:2]]").hash
    )


def test_reasons_are_kept(config_of: Reader) -> None:
    text = "cut: [{identifier: phone k7f3q2ab, because: front desk}]"

    expected = Rule(("phone k7f3q2ab",), "front desk")
    assert config_of(text).identity.by_hand.cut == (expected,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("merge: [[a:1]]", "name at least two"),
        ("merge: [a:1]", "is not a list"),
        ("merge: {people: [a:1, b:2]}", "this is not a list"),
        ("merge: [[a:1, anna@example.com]]", "write a contact as source:number"),
        ("merge: [[a:1, phone 123]]", "write a contact as source:number"),
        ("merge: [[a:1, phone k7f3q2a]]", "write a contact as source:number"),
        ("merge: [[a:1, account_id k7f3q2ab]]", "write a contact as source:number"),
        ("merge: [[a:1, c_0123456789abcdef]]", "write a contact as source:number"),
        ("apart: [[a:1, a:1]]", "named twice in one rule"),
        (
            "merge: [[a:1, phone k7f3q2ab, phone k7f3q2abcd]]",
            "named twice in one rule",
        ),
        ("cut: [a:1]", "a contact; name an identifier"),
        ("join: [[a:1, b:2]]", "unknown key `join`"),
        ("merge: [{people: [a:1, b:2], why: x}]", "unknown key `why`"),
        (
            "merge: [[a:1, b:2]]\napart: [[b:2, a:1]]",
            "kept apart from somebody it is merged with",
        ),
        (
            "merge: [[a:1, b:2], [b:2, c:3], [d:4, c:3]]\napart: [[d:4, x:9, a:1]]",
            "kept apart from somebody it is merged with",
        ),
        (
            "merge: [[a:1, phone k7f3q2ab]]\napart: [[a:1, phone k7f3q2abcd]]",
            "kept apart from somebody it is merged with",
        ),
        (
            "merge: [[a:1, phone k7f3q2ab]]\ncut: [phone k7f3q2abcd]",
            "an identifier that is cut and merged",
        ),
    ],
)
def test_each_mistake_is_told(config_of: Reader, text: str, said: str) -> None:
    message = config_of.refusal(text)

    assert said in message
    assert "p.yaml:" in message
    assert "^" in message


def test_all_mistakes_of_both_files_are_told_at_once(config_of: Reader) -> None:
    rules = "merge: [[a:1]]\napart: [[b:1, b:1]]\ncut: [c:1]\n"
    message = config_of.refusal(rules, "identity: {rules: p.yaml, levl: strict}")

    assert message.count("error: ") == 4
    home = config_of.folder
    ended = f"1 error in {home}/cxmap.yaml, 3 errors in {home}/p.yaml."
    assert message.endswith(f"{ended} Nothing was run.")


def test_a_rule_file_that_is_missing_is_told_where_it_is_named(tmp_path: Path) -> None:
    config = tmp_path / "cxmap.yaml"
    config.write_text("identity:\n  rules: nowhere.yaml\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="cannot be read: No such file") as caught:
        load_config(config)
    assert "cxmap.yaml:2:10" in str(caught.value)


def test_a_rule_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_bytes("merge: [] # ä".encode("latin-1"))
    config = tmp_path / "cxmap.yaml"
    config.write_text("identity: {rules: p.yaml}", encoding="utf-8")

    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(config)


@pytest.mark.parametrize("given", ["0", "-3", "1.5", "none"])
def test_a_largest_person_is_a_count_or_off(config_of: Reader, given: str) -> None:
    assert "largest" in config_of.refusal("", f"identity: {{largest: {given}}}")


def test_largest_may_be_off(config_of: Reader) -> None:
    assert config_of("", "identity: {largest: off}").identity.largest is None
    assert config_of("", "identity: {largest: 9}").identity.largest == 9


def test_a_unit_is_a_person_or_an_account(config_of: Reader) -> None:
    assert config_of("", "identity: {unit: account}").identity.unit == "account"
    assert "unit" in config_of.refusal("", "identity: {unit: household}")


def test_the_schema_knows_the_new_keys() -> None:
    known = config_schema()["$defs"]["Identity"]["properties"]

    assert {"rules", "largest", "unit", "account_cap"} <= known.keys()


@settings(max_examples=60)
@given(
    st.sampled_from([*KEYS, *ADDRESSES]),
    st.sampled_from([None, "zendesk", "my-calls.2"]),
    st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=8, max_size=26),
)
def test_what_who_prints_can_be_written_in_a_rule(
    kind: str, space: str | None, pseudonym: str
) -> None:
    from cxmap.customers.naming import label

    named = read_name(label(kind, space, pseudonym))

    assert named == Name(source=space, kind=kind, pseudonym=pseudonym[:8])


@pytest.mark.parametrize("written", ["email:5", "phone:k7f3q2ab", "x:a b: c", "ü-1:7"])
def test_contacts_of_sources_named_like_kinds_are_contacts(written: str) -> None:
    source, _, number = written.partition(":")

    assert read_name(written) == Name(source=source, number=number)


@pytest.mark.parametrize("written", ["", ":1", "a:", "a: ", "email", "email K7F3Q2AB"])
def test_other_words_name_nobody(written: str) -> None:
    with pytest.raises(ValueError, match="write a contact"):
        read_name(written)
