# Each target sets up what it needs in .venv; Python 3.11 or newer and make are all it takes.
PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(PATH)

.PHONY: help demo ui test lint bench collect setup
.DEFAULT_GOAL := help

help:
	@echo "make demo      the whole path against the sandbox, an offline CivitAI"
	@echo "make ui        Dagster's UI and daemon on http://127.0.0.1:3000"
	@echo "make test      the whole test suite; the browser tests need Chromium"
	@echo "make lint      format check, lint, types, import directions"
	@echo "make bench     the benchmarks"
	@echo "make collect MODEL=id [VERSION=id] [MAX_ITEMS=n]   collect from CivitAI"

setup: $(VENV)/installed

$(VENV)/installed: requirements.lock setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/python examples/demo.py

ui: setup
	@# Dagster wants an absolute path, whatever the environment or .env says.
	export DAGSTER_HOME="$$($(BIN)/python -m collect_pipeline.cli.home)" && \
		$(BIN)/dg dev -w workspace.yaml --host 127.0.0.1 --port 3000

test: setup
	$(BIN)/pytest -n auto --ignore collect_pipeline_tests/browser
	@# By themselves, with one Dagster: it takes all the cores that there are.
	$(BIN)/pytest collect_pipeline_tests/browser

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python benchmarks/run.py

collect: setup
	@test -n "$(MODEL)" || { echo "Say which model: make collect MODEL=82543 [VERSION=2043971] [MAX_ITEMS=500]"; exit 2; }
	$(BIN)/collect-pipeline run --model-id $(MODEL) $(if $(VERSION),--version-id $(VERSION)) \
		$(if $(MAX_ITEMS),--max-items $(MAX_ITEMS))
