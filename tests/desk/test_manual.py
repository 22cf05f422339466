"""The manual of sources has a chapter a profile, and its tables hold together."""

import re

from cxmap.desk.describing import manual
from cxmap.sources.profile import parts, shipped_profiles

BAR = re.compile(r"(?<!\\)\|")


def chapters() -> dict[str, str]:
    pieces = re.split(r"^## (\S+)\n", manual(shipped_profiles()), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def test_every_profile_has_a_chapter_and_every_part_a_section() -> None:
    told = chapters()

    assert set(told) == set(shipped_profiles())
    for name, profile in shipped_profiles().items():
        sections = re.findall(r"^### (\S+)$", told[name], flags=re.MULTILINE)
        assert sections == list(parts(profile))


def test_every_row_of_every_table_has_three_cells() -> None:
    for text in chapters().values():
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert {len(BAR.findall(row)) for row in rows} <= {4}


def test_what_a_profile_ignores_and_guards_against_is_on_its_page() -> None:
    told = chapters()
    for name, profile in shipped_profiles().items():
        for sentence in (*profile.ignored, *profile.traps):
            plain = told[name].replace("\\", "")
            assert sentence in plain
