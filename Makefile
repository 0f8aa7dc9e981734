# `make demo` and `make test` set up what they need; nothing else has to be run first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo compiled test test-slow lint format bench rebuild-large faults faults-large simulate simulate-large simulate-real scale quality golden docs peers other-python api-examples clean

demo: $(VENV)/.base
	$(BIN)/harvester demo

# Bytecode for the processes that tests start: where Python is told to write none, each compiled all of ours anew.
compiled: $(VENV)/.dev
	@$(BIN)/python -m compileall -q archive harvester fixtures benchmarks

# A process for each processor (pytest-xdist); tests that follow each other stay together, for what they share.
test: compiled
	$(BIN)/python -m pytest -q -n auto --maxprocesses 8 --dist worksteal

# The long forms: 200 kills, 100 000 pairs.
test-slow: compiled
	$(BIN)/python -m pytest -q -m slow

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The long forms of rebuild: many orders and workers, a stalled worker, 100 000 captures, two workers.
rebuild-large: $(VENV)/.dev
	$(BIN)/python -m pytest -q -m slow tests/rebuild
	$(BIN)/python -m benchmarks.rebuild --curve
	$(BIN)/python -m benchmarks.rebuild --scaling

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Every fault made to happen, and what was acknowledged held against what is left; ARGS=--write keeps the table.
faults: $(VENV)/.dev
	$(BIN)/python -m benchmarks.faults $(ARGS)

faults-large: $(VENV)/.dev
	$(BIN)/python -m benchmarks.faults --large $(ARGS)

# A month of watching under a fake clock: every event that the origin stages, told once; ends 1 if not.
simulate: compiled
	$(BIN)/python -m benchmarks.simulate

simulate-large: compiled
	$(BIN)/python -m benchmarks.simulate --articles 2000

# Three minutes in real time: real runners, killed without notice and competing.
simulate-real: compiled
	$(BIN)/python -m benchmarks.simulate.real

# Past one machine, the long forms: Ray, stores with faults, the cost model's figures, and 50 000 captures against it.
scale: compiled
	$(BIN)/python -m pytest -q -m 'slow or not slow' tests/rebuild/test_cluster.py \
	  tests/rebuild/test_two_machines.py tests/rebuild/test_scale_scripts.py tests/storage
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.scale --check 50000
	$(BIN)/python -m benchmarks.scale --engines

# The quality gate; `make quality ARGS=--update` pins what is measured now.
quality: $(VENV)/.dev
	$(BIN)/python -m benchmarks.quality $(ARGS)
	$(BIN)/python -m benchmarks.verify_quality

# Rewrite the expected documents of the golden cases and print what changed.
golden: $(VENV)/.dev
	$(BIN)/python -m benchmarks.quality.golden

# Regenerate what the documentation takes from the code.
docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py

# The field's tools that replay and judge what we write, apart from our own environment: pywb needs older
# libraries than we do. Tests that need them skip, with the reason, where they are not there.
peers:
	$(PYTHON) -m venv .peers
	.peers/bin/python -m pip install --quiet --disable-pip-version-check \
	  'pywb>=2.10,<3' 'wacz>=0.5,<1' 'cdxj-indexer>=1.5,<2' 'setuptools<81'
	if command -v npm >/dev/null; then \
	  mkdir -p .peers/node && npm install --silent --no-audit --no-fund --prefix .peers/node 'warcio@2' && \
	  cd .peers && rm -rf package replaywebpage && tar xzf "$$(npm pack --silent replaywebpage@2)" \
	  && mv package replaywebpage; \
	else echo 'no npm: ReplayWeb.page is left out'; fi

# Another minor version of Python with the same parsers: the tests hold documents against each other.
OTHER_PYTHON ?= $(shell for p in python3.13 python3.12 python3.14 $(HOME)/.pyenv/versions/3.1[2-9]*/bin/python3; do \
  $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] == (3, 11))' 2>/dev/null && echo $$p && break; done)
other-python: $(VENV)/.dev
	@if [ -z "$(OTHER_PYTHON)" ]; then echo 'no other Python: install 3.12, 3.13 or 3.14' >&2; exit 1; fi
	$(OTHER_PYTHON) -m venv .other
	$(BIN)/python -m pip freeze --exclude-editable | grep -iE '^(selectolax|lxml|trafilatura|msgspec)==' > .other/same.txt
	.other/bin/python -m pip install --quiet --disable-pip-version-check -c .other/same.txt -e .

# The examples of docs/api.md for Spark (which needs Java) and datatrove, in an environment of their own.
api-examples: $(VENV)/.dev
	$(PYTHON) -m venv .api
	.api/bin/python -m pip install --quiet --disable-pip-version-check -e . pyspark datatrove pandas pyarrow
	$(BIN)/python -m pytest -q -m slow tests/api/test_examples.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.base

clean:
	rm -rf $(VENV) .peers .other .api dist build demo-output .mypy_cache .ruff_cache .pytest_cache
