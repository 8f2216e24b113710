# Thin: every target calls the same command line or pytest. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SIZE ?= S
SPARK_STAMP := $(VENV)/.spark-stamp
STAMP := $(VENV)/.setup-stamp

# Set in some shells, it makes every start of dbt and of Great Expectations slow.
unexport PYTHONDONTWRITEBYTECODE
export DO_NOT_TRACK := 1

.PHONY: help setup demo dev test test-all-cases test-spark bench docs lint

help: ## List the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

setup: $(STAMP) ## Install the tested set of packages into .venv (once).

# Debian keeps part of venv in a package of its own.
$(BIN)/python:
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  [ "$$(id -u)" -eq 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; } || { \
	  echo 'Python has no venv here; as root: apt-get install python3-venv' >&2; exit 3; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode -c constraints.txt -e '.[test]'
	$(BIN)/python -m dagster_project.warehouse.manifest
	touch $@

demo: $(STAMP) ## Simulate a company, run the whole way, publish a release.
	$(BIN)/tierline demo --size $(SIZE)

dev: $(STAMP) ## Open the Dagster UI on the home that `make demo` filled.
	export DAGSTER_HOME=$$($(BIN)/python -m dagster_project.cli.dagster_home); \
	  cd "$$DAGSTER_HOME" && exec $(CURDIR)/$(BIN)/dagster dev -w $(CURDIR)/workspace.yaml

test: $(STAMP) ## Run the tests; further cases of long ones and Spark have targets of their own.
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
	  -m 'not spark and not further' --durations 20

test-all-cases: $(STAMP) ## Run the long proofs: every planted fault, kill, order of arrival, and what takes minutes.
	$(BIN)/python -m pytest -n 2 --dist worksteal -m further --durations 20

$(SPARK_STAMP): $(STAMP)
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode -c constraints.txt -e '.[test,spark]'
	touch $@

test-spark: $(SPARK_STAMP) ## Build on Spark and compare every table with DuckDB's (Java 17).
	@command -v java >/dev/null || { \
	  echo 'Spark needs Java 17; as root: apt-get install openjdk-17-jre-headless' >&2; exit 3; }
	$(BIN)/python -m pytest -m spark

bench: $(STAMP) ## Measure full build, one more day, bare SQL, pandas and polars (SIZE=M).
	$(BIN)/python -m benchmarks.bench --size $(SIZE) $(ARGS)

docs: $(STAMP) ## Write the reference pages from contracts and models, and the coverage table.
	$(BIN)/python docs/generate.py
	$(BIN)/python tests/conventions/portability.py
	$(BIN)/python tests/conventions/edge_cases.py

lint: $(STAMP) ## Style and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
