"""What a later run of `ingest` says of figures that were already published."""

from collections.abc import Callable

from cxmap.importreport import ImportReport

Report = Callable[..., ImportReport]

HEAD = "source_contact_id,channel,started_at,ended_at,disposition,topic,email\n"
CONFIG = "sources: {calls: {profile: generic_contacts}}"


def calls(*rows: tuple[str, str, str]) -> str:
    return HEAD + "".join(
        f"{number},voice,2026-{day}T10:00:00Z,2026-{day}T10:05:00Z,handled,bill,"
        f"{person}@example.test\n"
        for number, day, person in rows
    )


HELD = calls(
    ("c0", "04-01", "zoe"),
    *((f"c{day}", f"05-{day}", f"ana{day}") for day in range(10, 30)),
    ("c30", "07-15", "eve"),
)
LATE = calls(("late", "05-13", "ana12"))


def test_the_first_load_restates_nothing(report_on: Report) -> None:
    assert report_on({"calls.csv": HELD}, CONFIG).restated == ()


def test_a_late_file_restates_the_month_it_tells_of(report_on: Report) -> None:
    report_on({"calls.csv": HELD}, CONFIG)
    report = report_on({"late.csv": LATE}, CONFIG)

    found = {one.kpi: one for one in report.restated}
    assert {one.period for one in report.restated} == {"2026-05"}
    first = found["first_contact_resolution"]
    assert (first.previous, first.value, first.n) == (1.0, 0.95, 20)
    assert first.because["late_repeats"] == 1


def test_the_same_file_again_restates_nothing(report_on: Report) -> None:
    report_on({"calls.csv": HELD}, CONFIG)

    assert report_on({"again.csv": HELD}, CONFIG).restated == ()


def test_another_config_restates_nothing(report_on: Report) -> None:
    report_on({"calls.csv": HELD}, CONFIG)
    stricter = f"{CONFIG}\nrepeat: {{within: 1d}}"

    assert report_on({"late.csv": LATE}, stricter).restated == ()
