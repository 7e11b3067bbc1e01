# Every verb sets up what it needs in .venv; a machine with Python 3.11+ and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench bench-peers docs train clean

$(VENV)/.base: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(VENV)/.base

demo: $(VENV)/.base  ## the eight phrases of the seed thread and their likely tactics
	$(BIN)/python scripts/demo.py

test: $(VENV)/.dev  ## the whole test suite
	$(BIN)/python -m pytest

check: $(VENV)/.dev  ## exactly what CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) test

train: $(VENV)/.dev  ## data/ -> models/tactics-en
	$(BIN)/coercion-detect train

bench: $(VENV)/.dev  ## speed, memory, size and quality beside the peers that are installed
	$(BIN)/python -m benchmarks --json benchmarks/results.json
	$(BIN)/python -m benchmarks.pages

bench-peers: $(VENV)/.dev  ## the peers, some gigabytes
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[dev,bench]'

docs: $(VENV)/.dev  ## what is written from other files: the packaged page, the figures in README and datasheet
	$(BIN)/python scripts/build_pages.py
	$(BIN)/python scripts/build_figures.py
	$(BIN)/python -m benchmarks.pages

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
