# Everything runs in a virtual environment of its own, made from a bare Python ≥ 3.11.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test thorough lint docs bench truth clean
.DEFAULT_GOAL := demo

demo: $(VENV)/runtime.stamp ## ingest the sample exports and print the scorecard
	@$(BIN)/cxmap demo demo

test: lint ## every check
	$(BIN)/python -m pytest -q -n 2

thorough: $(VENV)/dev.stamp ## the tests with many more made-up examples each
	$(BIN)/python -m pytest -q -n 2 --hypothesis-profile=thorough

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check README.md docs/sources.md docs/kpis.md docs/frictions.md

docs: $(VENV)/dev.stamp ## rewrite the tables that the code knows
	$(BIN)/cog -r README.md docs/sources.md docs/kpis.md docs/frictions.md

bench: $(VENV)/bench.stamp ## a million contacts: times, memory, the ratio to a bare DuckDB pass
	$(BIN)/python bench/run.py

truth: $(VENV)/dev.stamp ## hold cxmap against the truth of made-up worlds
	$(BIN)/python bench/truth.py

clean:
	rm -rf $(VENV) demo build dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/runtime.stamp: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/runtime.stamp
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@
