# Everything here does its own set-up. `make demo` shows the product, `make test` checks it.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
DATA ?= demo-data
BIN := .venv/bin
ENGAGE_BROWSER ?=

.PHONY: help demo test test-fast lint bench wheel setup browser translations clean

help:
	@echo "make demo [PORT=8123] [DATA=some/folder]   start with a sample conversation"
	@echo "make test                                  run every test"
	@echo "make lint                                  check style, types and imports"
	@echo "make bench                                 measure speed and memory"

demo: .make/run
	$(BIN)/engage demo --port $(PORT) --data "$(DATA)"

test: .make/dev browser
	$(BIN)/python -m pytest -n auto -m "not browser and not load"
	$(BIN)/python -m pytest -m "browser"
	$(BIN)/python -m pytest -m "load"

test-fast: .make/dev
	$(BIN)/python -m pytest -n auto -m "not browser and not load"

lint: .make/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .make/dev
	$(BIN)/python -m tests.benchmarks

wheel: .make/dev
	$(BIN)/python -m build --no-isolation --wheel

# Brings the template of all strings, and the public strings in each language, up to date with code and pages.
translations: .make/dev
	$(BIN)/pybabel extract -F translations/babel.cfg -k _l -k _ -k lazy_gettext --no-location --sort-output \
		--project Engage --version "" --copyright-holder "The Engage contributors" \
		-o translations/messages.pot engage templates
	$(BIN)/python -m tests.languages

setup: .make/dev

browser: .make/dev
	@$(BIN)/python -m tests.browser.find

.venv/bin/uv: requirements-setup.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Engage needs Python 3.11 or later. Install it, or name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.txt

.make/run: .venv/bin/uv requirements.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@mkdir -p .make && touch $@

.make/dev: .make/run requirements-dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv .make build dist .mypy_cache .pytest_cache .ruff_cache
