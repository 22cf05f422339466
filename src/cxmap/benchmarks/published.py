"""The published figures that travel with cxmap, read from `figures.yaml`."""

from collections.abc import Collection
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cxmap.options import read_duration
from cxmap.scorecard import Benchmark
from cxmap.yamls.problems import check_yaml

FILE = "figures.yaml"


class Figure(BaseModel):
    """One published figure of one KPI, or a range of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kpi: str
    value: float | str | None = None
    range: Annotated[list[float | str], Field(min_length=2, max_length=2)] | None = None
    unit: Literal["share", "seconds", "count", "score", "points"]
    industry: str
    source: str
    url: Annotated[str, Field(pattern=r"^https?://")]
    year: int | None
    method: str
    mismatch: str

    @model_validator(mode="after")
    def _says_one(self) -> "Figure":
        if (self.value is None) == (self.range is None):
            raise ValueError("write a value or a range")

        return self

    def benchmark(self) -> Benchmark:
        """Return the figure as the scorecard holds it."""
        low, high = self.range or (self.value, self.value)

        return Benchmark(
            kpi=self.kpi,
            low=_number(low),
            high=_number(high),
            unit=self.unit,
            industry=self.industry,
            source=self.source,
            url=self.url,
            year=self.year,
            method=self.method,
            mismatch=self.mismatch,
        )


class Figures(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    figures: list[Figure]


def published(kpis: Collection[str]) -> tuple[Benchmark, ...]:
    """Return what is published of these KPIs, in the order of the file."""
    text = files("cxmap.benchmarks").joinpath(FILE).read_text("utf-8")
    every = check_yaml(text, Path(FILE), Figures).figures

    return tuple(one.benchmark() for one in every if one.kpi in kpis)


def _number(written: float | str | None) -> float:
    """Return a number, or the seconds of a duration such as `1100m`."""
    if isinstance(written, str):
        return read_duration(written).total_seconds()

    return float(written or 0)
