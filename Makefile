# `make demo` and `make test` set up what they need; nothing else has to be run first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-slow lint format bench faults faults-large quality golden docs clean

demo: $(VENV)/.base
	$(BIN)/harvester demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q

# The long forms: 200 kills, 100 000 pairs.
test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest -q -m slow

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Every fault made to happen, and what was acknowledged held against what is left; ARGS=--write keeps the table.
faults: $(VENV)/.dev
	$(BIN)/python -m benchmarks.faults $(ARGS)

faults-large: $(VENV)/.dev
	$(BIN)/python -m benchmarks.faults --large $(ARGS)

# The quality gate; `make quality ARGS=--update` pins what is measured now.
quality: $(VENV)/.dev
	$(BIN)/python -m benchmarks.quality $(ARGS)

# Rewrite the expected documents of the golden cases and print what changed.
golden: $(VENV)/.dev
	$(BIN)/python -m benchmarks.quality.golden

# Regenerate what the documentation takes from the code.
docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.base

clean:
	rm -rf $(VENV) dist build demo-output .mypy_cache .ruff_cache .pytest_cache
