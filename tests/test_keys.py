"""The key: pseudonyms agree with the published recipe, and files are guarded."""

import base64
import hashlib
import hmac
import os
import stat
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.errors import KeyMismatchError, StoreError
from cxmap.keys import DEMO_SECRET, Key

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def recipe(secret: bytes, kind: str, value: str) -> str:
    message = b"cxmap/1/" + kind.encode() + b"\x00" + value.encode()
    digest = hmac.new(secret, message, hashlib.sha256).digest()[:16]
    return base64.b32encode(digest).decode().replace("=", "").lower()


@settings(max_examples=60, deadline=None)
@given(
    st.binary(min_size=32, max_size=32),
    st.sampled_from(["email", "phone", "agent"]),
    st.lists(st.none() | TEXTS),
)
def test_pseudonyms_follow_the_recipe_and_keep_nulls_and_order(
    secret: bytes, kind: str, values: list[str | None]
) -> None:
    found = Key(secret).pseudonyms(kind, pl.Series("who", values, pl.String))

    assert found.name == "who"
    assert found.to_list() == [
        None if value is None else recipe(secret, kind, value) for value in values
    ]


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), TEXTS)
def test_one_value_and_a_column_of_it_have_the_same_pseudonym(
    secret: bytes, value: str
) -> None:
    key = Key(secret)
    assert key.pseudonym("email", value) == recipe(secret, "email", value)
    assert key.pseudonyms("email", pl.Series([value]))[0] == recipe(
        secret, "email", value
    )


def test_another_kind_or_another_key_is_another_pseudonym() -> None:
    key, other = Key(DEMO_SECRET), Key(bytes(32))
    names = {
        key.pseudonym("email", "a"),
        key.pseudonym("phone", "a"),
        other.pseudonym("email", "a"),
    }
    assert len(names) == 3


def test_the_pseudonyms_of_the_demo_key_never_change() -> None:
    key = Key(DEMO_SECRET)
    assert key.key_id == "d685882b"
    assert key.pseudonym("email", "a@b.c") == "36fcjuy6ityycxltfsfj72gxcu"


def test_a_created_key_is_loaded_again_and_only_its_owner_can_read_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cxmap.key"
    previous = os.umask(0)
    try:
        created = Key.create(path)
    finally:
        os.umask(previous)

    assert Key.load(path) == created
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert created.key_id == hmac.digest(created.secret, b"id", "sha256").hex()[:8]


def test_two_new_keys_differ(tmp_path: Path) -> None:
    assert Key.create(tmp_path / "one") != Key.create(tmp_path / "two")


def test_a_given_secret_is_the_one_written(tmp_path: Path) -> None:
    Key.create(tmp_path / "demo", secret=DEMO_SECRET)
    assert Key.load(tmp_path / "demo") == Key(DEMO_SECRET)


def test_a_key_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "cxmap.key"
    first = Key.create(path)
    with pytest.raises(KeyMismatchError, match="already there"):
        Key.create(path)
    assert Key.load(path) == first


def test_a_key_cannot_be_created_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        Key.create(tmp_path / "none" / "cxmap.key")


def test_a_short_secret_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(KeyMismatchError, match="32 bytes"):
        Key.create(tmp_path / "cxmap.key", secret=b"short")
    assert not (tmp_path / "cxmap.key").exists()


def test_a_missing_key_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(KeyMismatchError, match="restore it"):
        Key.load(tmp_path / "none")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o606, 0o610, 0o644])
def test_a_key_open_to_others_is_refused_with_the_cure(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "cxmap.key"
    Key.create(path)
    path.chmod(mode)
    with pytest.raises(KeyMismatchError, match="chmod 600"):
        Key.load(path)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"0" * 63,
        b"0" * 65,
        b"g" * 64,
        b"0" * 64 + b"\n\n",
        b"\xff" * 64,
        b"A" * 64,
    ],
)
def test_a_file_of_another_form_is_no_key_and_is_not_quoted(
    tmp_path: Path, text: bytes
) -> None:
    path = tmp_path / "cxmap.key"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(KeyMismatchError, match="is no key") as refusal:
        Key.load(path)
    assert text.decode("latin-1")[:20] not in str(refusal.value) or not text


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    folder = tmp_path / "key"
    folder.mkdir(mode=0o700)
    with pytest.raises(KeyMismatchError, match="is no file"):
        Key.load(folder)


def test_a_key_is_never_shown() -> None:
    key = Key(DEMO_SECRET)
    for shown in (repr(key), str(key), f"{key}", f"{[key]}"):
        assert DEMO_SECRET.hex() not in shown
        assert repr(DEMO_SECRET) not in shown
