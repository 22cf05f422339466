"""XES logs: one event a row, nothing expanded, nothing fetched."""

import gzip
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from cxmap.errors import ExportError
from cxmap.sources.read import peek, read
from cxmap.sources.reading.shapes import Limits
from cxmap.sources.reading.xes import is_xes, read_xes

HEAD = '<?xml version="1.0" encoding="{}" ?>\n<log xes.version="1.0">'
TRACE = """
<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
<trace>
 <string key="concept:name" value="k1"><string key="nested" value="n"/></string>
 <event><string key="concept:name" value="Zürich"/>
  <date key="time:timestamp" value="2025-03-01T09:00:00.000+01:00"/></event>
 <event><string key="concept:name" value="B"/><int key="cost" value="3"/></event>
</trace>
<event><string key="concept:name" value="loose"/></event>
</log>"""


def log(encoding: str = "UTF-8") -> bytes:
    return (HEAD.format(encoding) + TRACE).encode(encoding)


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1"])
def test_an_event_is_a_row_beside_what_its_case_says(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "log.xes"
    path.write_bytes(log(encoding))
    raw = read(path)

    assert raw.format == "xes"
    assert raw.rows.to_dicts() == [
        {
            "_row": 1,
            "case:concept:name": "k1",
            "concept:name": "Zürich",
            "time:timestamp": "2025-03-01T09:00:00.000+01:00",
            "cost": None,
        },
        {
            "_row": 2,
            "case:concept:name": "k1",
            "concept:name": "B",
            "time:timestamp": None,
            "cost": "3",
        },
        {
            "_row": 3,
            "case:concept:name": None,
            "concept:name": "loose",
            "time:timestamp": None,
            "cost": None,
        },
    ]


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa">]>',
        '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log SYSTEM "http://example.org/log.dtd">',
    ],
)
def test_a_document_type_is_refused(declared: str) -> None:
    data = f'<?xml version="1.0"?>{declared}<log><trace>&a;</trace></log>'.encode()

    assert is_xes(data)
    with pytest.raises(ExportError, match="document type"):
        read_xes(data, Limits(), "log.xes")


@pytest.mark.parametrize(
    "data", [log()[:-8], log().replace(b"</trace>", b"</trac>"), log() + b"<log/>"]
)
def test_what_is_not_well_formed_is_refused_without_its_text(data: bytes) -> None:
    with pytest.raises(ExportError, match="no well-formed XML") as raised:
        read_xes(data, Limits(), "log.xes")

    assert "UNKNOWN" not in str(raised.value)


def test_limits_hold() -> None:
    with pytest.raises(ExportError, match="more than 2 rows"):
        read_xes(log(), Limits(rows=2), "log.xes")
    with pytest.raises(ExportError, match="more than 2 columns"):
        read_xes(log(), Limits(columns=2), "log.xes")
    with pytest.raises(ExportError, match="nested too deep"):
        read_xes(log(), Limits(json_depth=3), "log.xes")


@pytest.mark.parametrize(
    "data", [b"<html><body/></html>", b"case,activity\n", b'{"log": 1}', b"\x00\x01"]
)
def test_other_files_are_no_logs(data: bytes) -> None:
    assert not is_xes(data)


def test_a_head_cut_in_the_middle_still_shows_its_names(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    event = b'<event><string key="concept:name" value="A"/></event>'
    path.write_bytes(
        b'<?xml version="1.0"?><log><trace><string key="concept:name" value="k"/>'
        + event * 40_000
        + b"</trace></log>"
    )

    assert peek(path).names == ("case:concept:name", "concept:name")
    assert read(path).records == 40_000


def test_a_real_log_is_read_as_the_standard_parser_reads_it(shared: Any) -> None:
    path: Path = shared("real/06_bpic2013_closed.xes.gz")
    space = "{http://www.xes-standard.org/}"
    wanted: list[dict[str, str]] = []
    with gzip.open(path) as opened:
        for trace in ET.parse(opened).getroot().iter(f"{space}trace"):  # noqa: S314
            told = {f"case:{a.get('key')}": a.get("value", "") for a in trace}
            told.pop("case:None", None)
            for event in trace.iter(f"{space}event"):
                own = {a.get("key", ""): a.get("value", "") for a in event}
                wanted.append({**told, **own})
    rows = read(path).rows.drop("_row").to_dicts()

    assert len(rows) == len(wanted) == 6_660
    said = [{k: v for k, v in row.items() if v is not None} for row in rows]
    assert said == [{k: v for k, v in row.items() if v} for row in wanted]
