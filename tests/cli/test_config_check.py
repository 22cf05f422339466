"""`cxmap config check` as a newcomer meets it."""

import os
import subprocess
import sys
from pathlib import Path

from cxmap.errors import Exit


def check(folder: Path, text: str) -> tuple[int, str, str]:
    (folder / "cxmap.yaml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "cxmap", "config", "check"],
        cwd=folder,
        env={**os.environ, "CXMAP_CONFIG": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_wrong_setting_is_shown_where_it_stands_and_is_2(tmp_path: Path) -> None:
    code, out, err = check(
        tmp_path,
        "sources:\n  desk:\n    profile: zendesk_csv\n"
        "    settings: {region: Germany}\nkpis: {csat: {target: 80%}}\n",
    )

    assert (code, out) == (Exit.USAGE, "")
    assert "cxmap.yaml:4:24" in err
    assert "^^^^^^^" in err
    assert "2 errors in" in err


def test_a_pattern_without_files_is_a_warning_and_0(tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("", encoding="utf-8")
    code, out, err = check(
        tmp_path,
        "sources: {desk: {profile: zendesk_csv, files: [there.csv, away/*.csv]}}\n",
    )

    assert (code, out) == (Exit.OK, "")
    assert "away/*.csv: no file matches" in err
    assert "there.csv" not in err
    assert "no mistakes found" in err
