"""Third-party corpora of broken files, and broken copies of them: told, never lost."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxmap
from cxmap.config import load_config
from cxmap.errors import CxmapError
from cxmap.intake.choosing import Chosen, Source, exports_in
from cxmap.intake.taking import Limits, rejected_rows, take
from cxmap.keys import Key
from cxmap.names import REJECT_REASONS
from cxmap.sources.profile import Profile
from cxmap.sources.read import peek, read

SHARED = Path(__file__).parents[1].parent / "shared/data"
MALFORMED = SHARED / "malformed"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHEET = re.compile(r'<sheet [^>]*name="([^"]*)"')
WORD = re.compile(r"[^\W\d_]{3,}")

pytestmark = pytest.mark.skipif(
    not MALFORMED.is_dir(), reason="the shared corpora are not beside this checkout"
)


def corpus() -> list[Path]:
    found = MALFORMED.rglob("*") if MALFORMED.is_dir() else iter(())
    return sorted(path for path in found if path.is_file())


@cache
def vocabulary() -> frozenset[str]:
    """Return every word that our own text may bring into a message."""
    package = Path(cxmap.__file__).parent
    texts = [
        path.read_text(encoding="utf-8")
        for folder in ("sources", "intake")
        for path in (package / folder).rglob("*.py")
    ]
    encodings = "utf cp latin iso mac roman"
    return frozenset(WORD.findall(" ".join([*texts, *REJECT_REASONS, encodings])))


def told_by(names: list[str]) -> frozenset[str]:
    """Return the words of a message that may hold these names."""
    return vocabulary() | set(WORD.findall(" ".join(names)))


def sheets(path: Path) -> list[str]:
    """Return what the sheets of a workbook are called; they are named like columns."""
    try:
        with zipfile.ZipFile(path) as book:
            return SHEET.findall(book.read("xl/workbook.xml").decode())
    except (OSError, KeyError, zipfile.BadZipFile):
        return []


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return Key.create(tmp_path_factory.mktemp("key") / "cxmap.key")


def columns(path: Path) -> tuple[str, ...]:
    """Return the names a file's header bears; none where it is refused."""
    try:
        return tuple(read(path).rows.columns[1:]) or ("a",)
    except CxmapError:
        return ("a",)


def source(names: tuple[str, ...]) -> Source:
    """Return a source that names things: its first column a key, its last a name."""
    mapping = {
        "profile": "table",
        "system": "any",
        "title": "Any table at all",
        "required": [],
        "names": {"kind": "team", "key": names[0], "name": names[-1]},
    }
    profile = Profile.model_validate(mapping, strict=False)

    return Source("table", profile, {}, profile)


def _told(path: Path, key: Key, names: tuple[str, ...]) -> None:
    """Take a file in and check that every row, and no value, is told."""
    chosen = Chosen(path, source(names), "rows")
    taken = take(
        chosen,
        load_config(None),
        key=key,
        now=NOW,
        limits=Limits(),
        known=lambda *_: None,
    )

    report = taken.report
    assert report.balanced, report
    assert report.state in ("loaded", "refused")
    assert report.state == "loaded" or report.kept == 0
    assert set(report.reasons) <= set(REJECT_REASONS)
    if taken.rejects is not None:
        whole = taken.rejects.filter("whole_row")
        assert whole.height == report.rejected
        assert len(list(rejected_rows(chosen, whole))) == report.rejected
    known = [*names, chosen.name, *sheets(path)]
    assert set(WORD.findall(" ".join(report.notes))) <= told_by(known)


@pytest.mark.parametrize(
    "path", corpus(), ids=lambda path: str(path.relative_to(MALFORMED))
)
def test_a_malformed_file_is_read_refused_or_quarantined_and_balanced(
    path: Path, key: Key
) -> None:
    try:
        inside = exports_in([str(path)])
    except CxmapError as error:
        said = str(error).replace(path.name, "")
        assert set(WORD.findall(said)) <= vocabulary()
        return
    for one in inside:
        _told(one, key, columns(one))


def test_a_whole_folder_of_them_is_one_run_with_an_answer_for_each(
    tmp_path: Path,
) -> None:
    words = ["--now", "2026-01-01T00:00:00Z", "ingest", "-f", "json", str(MALFORMED)]
    done = subprocess.run(
        [sys.executable, "-m", "cxmap", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    files = json.loads(done.stdout)["files"]
    assert {one["state"] for one in files} <= {"refused", "unrecognised", "loaded"}
    named = {one["file"].split("!")[0] for one in files}
    assert named >= {path.name for path in corpus()}


def pieces() -> Iterator[Path]:
    for path in [*corpus(), *sorted((SHARED / "nasty").glob("*"))]:
        if path.is_file() and path.stat().st_size < 10_000:
            yield path


PIECES = list(pieces())
MEAN = (b'"', b"\n", b"\r", b"\0", b",", b"\xff", b"{", b"]", b"\\", b"PK\x03\x04")
"""What breaks readers most."""


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broken_copy_of_any_of_them_is_told_too(
    data: st.DataObject, key: Key, tmp_path: Path
) -> None:
    model = data.draw(st.sampled_from(PIECES))
    content = model.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.integers(0, 3))
        content = content[:at] + data.draw(st.sampled_from(MEAN)) + content[at + gone :]
    path = tmp_path / "broken.dat"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])

    names = columns(path)
    _told(path, key, names)
    try:
        peek(path)
    except CxmapError as error:
        assert set(WORD.findall(str(error))) <= told_by([*names, path.name])
