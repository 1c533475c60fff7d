# Two commands matter: `make demo` shows everything, `make test` proves it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: help env demo test unit check clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*?## "} {printf "  make %-8s %s\n", $$1, $$2}'

env: $(VENV)/.ready ## make .venv with every dependency at its pinned version

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "meilenstein needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[pipeline,fast,embedded,dev]'
	@touch $@

demo: env ## start everything, process the example case and a simulated month, show what happened
	@$(BIN)/meilenstein demo $(ARGS)

test: env ## run every test on the real parts
	@$(BIN)/python -m pytest $(ARGS)

unit: env ## the unit tests: no server, about three minutes
	@$(BIN)/python -m pytest tests/unit $(ARGS)

check: env ## lint, types, dependency direction
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist
