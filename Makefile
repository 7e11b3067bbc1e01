# Every verb sets up what it needs in .venv; a machine with Python 3.11+ and make is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench docs train clean

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

bench: $(VENV)/.dev  ## speed of the readable scorer beside the scikit-learn pipeline
	$(BIN)/python benchmarks/speed.py

docs: $(VENV)/.dev  ## what is written from other files: the packaged page, the figures in README and datasheet
	$(BIN)/python scripts/build_pages.py
	$(BIN)/python scripts/build_figures.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
