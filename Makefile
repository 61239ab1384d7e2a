# Everything a person types. Each target sets up what it needs; a fresh clone needs Python 3.11+ and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# python3 when it is 3.11 to 3.13 (what requirements.lock was resolved for), else the newest of those found.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO ?= demo
# Processes that share the tests.
WORKERS ?= 2
# Tests of one firm stay together, and start in the order of tests/conftest.py.
SPREAD := -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
# The release that contracts are compared with: the latest tag, before the first one the commit before this.
SINCE ?= $(shell git describe --tags --abbrev=0 2>/dev/null || echo HEAD~1)

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false

.PHONY: help demo app test test-long bench lint format format-check types render render-check dbt-build clean

help: ## what can be typed here
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Tieout needs Python 3.11, 3.12 or 3.13 as python3; none was found. Install one, or say make PYTHON=..."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) from requirements.lock (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## a synthetic firm of 200 consultants, reconciled: what is wrong, whose fault, how much, what would fix it
	@$(BIN)/tieout demo

app: $(READY) ## the dashboard on the demo firm
	@test -f $(DEMO)/tieout.yml || $(BIN)/tieout demo
	@$(BIN)/tieout app --project $(DEMO)

test: $(READY) ## the tests
	$(BIN)/python -m pytest $(SPREAD)

test-long: $(READY) ## many seeds and sizes, kills and shuffles
	$(BIN)/python -m pytest $(SPREAD) -m long

bench: $(READY) ## rows, seconds and memory of each stage; writes benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

lint: $(READY) ## ruff
	$(BIN)/ruff check .

format: $(READY) ## rewrites the code in the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --exit-zero --quiet .

format-check: $(READY)
	$(BIN)/ruff format --check .

types: $(READY) ## mypy
	$(BIN)/mypy

render: $(READY) ## writes the generated files: dbt contracts, ODCS, entity pages
	$(BIN)/tieout render

render-check: $(READY) ## fails when a generated file differs, or a contract broke without a new major version
	$(BIN)/tieout render --check
	$(BIN)/python -m contracts.render --check --since $(SINCE)

dbt-build: $(READY) ## plain dbt on a firm of sixty: every model and every data test
	@work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; set -ex; \
	$(BIN)/tieout sandbox new "$$work/firm" --size 60; \
	$(BIN)/tieout land --project "$$work/firm"; \
	TIEOUT_WAREHOUSE="$$work/firm/.tieout/warehouse.duckdb" $(BIN)/dbt build

clean: ## removes what can be made again
	rm -rf $(VENV) target logs $(DEMO) .tieout .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
