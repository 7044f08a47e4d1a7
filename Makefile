# Seuil: every command, on a machine with Python 3.11 or newer and make.
#
#   make demo          a running site with its demonstration data
#   make demo-reset    the same, from new data
#   make serve         the site as the environment describes it (see .env.example)
#   make test TESTS=plugins/NAME    some of the tests; without TESTS, all
#   make test | check | bench SIZE=small | drill
#   make lock          the locked dependencies anew, after a change in pyproject.toml

PYTHON ?= python3
SIZE ?= full
JOBS ?= 2
TESTS ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

.PHONY: demo demo-reset serve test check bench drill lock
.DEFAULT_GOAL := demo

demo: .venv/run.stamp
	@$(BIN)/seuil demo

demo-reset: .venv/run.stamp
	@$(BIN)/seuil demo --reset

serve: .venv/run.stamp
	@$(BIN)/seuil serve

test: .venv/dev.stamp
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(TESTS)

check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/seuil check

bench: .venv/dev.stamp
	$(BIN)/python -m bench --size $(SIZE)

drill: .venv/dev.stamp
	$(BIN)/python -m pytest -m drill -o faulthandler_timeout=0

# The address of the index never enters a lock: hashes say what a file is, not where it comes from.
lock: .venv/dev.stamp
	@command -v uv >/dev/null || { echo "make lock needs uv (the other commands do not)." >&2; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --extra dev -c requirements.lock \
		pyproject.toml -o requirements-dev.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Seuil needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "This Python has no venv: install it (on Debian: apt install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv

.venv/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what the site needs (once)…"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

# The second lock holds the first: what it installs serves both.
.venv/dev.stamp: requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what tests and checks need (once)…"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --editable .
	@touch .venv/run.stamp $@
