# make demo    the main job on embedded SQLite, every command shown
# make test    the whole suite; finds or installs the servers it needs
# make nightly  the same with twenty times as many random examples, and every point of the kill tests
# make mutations    plants bugs in a copy of the code and sees the tests fail
# make online  how long a writer waits while a table of a million rows is changed (minutes)
# make package   builds wheel and sdist, installs them as the Dockerfile does, and uses them
# make lint types docs bench clean
#
# A machine needs Python >= 3.11 and make; everything else goes into .venv.
# PYTHON=python3.13 names another Python: it gets an environment of its own, .venv-3.13.x.
# SQLALCHEMY=2.0 names an earlier release of SQLAlchemy, in an environment of its own too.

ifndef VENV
VENV := .venv$(if $(PYTHON),-$(or $(shell $(PYTHON) -c 'import platform; print(platform.python_version())' 2>/dev/null),unusable))$(SQLALCHEMY:%=-sqlalchemy-%)
endif
BIN := $(VENV)/bin
# One more than two cores: some tests wait, for a server that hangs or a lock, while others compute.
JOBS ?= 3

.PHONY: help demo test nightly mutations lint format types docs bench online package clean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -11

# The first Python that is new enough and can make environments (Debian splits ensurepip off as python3-venv).
$(BIN)/python:
	@for python in $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3 python); do \
	    if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        echo "creating $(VENV) with $$("$$python" --version)"; \
	        exec "$$python" -m venv $(VENV); \
	    fi; \
	done; \
	echo "No Python 3.11 or newer with the venv module was found$(if $(PYTHON), as $(PYTHON)). Install one" >&2; \
	echo "(Debian and Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2; \
	exit 1

# The stamps make a second run quick: pip runs again only when pyproject.toml changes.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "installing dbwarden into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# clickhouse-sqlalchemy asks for SQLAlchemy 2.0. Its declarations also work with later releases, which the tests run on.
$(VENV)/.installed-dev: pyproject.toml Makefile | $(BIN)/python
	@echo "installing dbwarden with its development tools into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[all,dev]' $(SQLALCHEMY:%='sqlalchemy==%.*')
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps 'clickhouse-sqlalchemy>=0.3.2'
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	$(BIN)/python examples/quickstart/demo.py

test: $(VENV)/.installed-dev
	$(BIN)/python -m tests.servers --ensure
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --durations=10 $(ARGS)

nightly: $(VENV)/.installed-dev
	$(BIN)/python -m tests.servers --ensure
	DBWARDEN_TEST_NIGHTLY=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal --durations=10 $(ARGS)

mutations: $(VENV)/.installed-dev
	$(BIN)/python -m tests.mutations $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

# Material for MkDocs prints a warning about MkDocs 2, which pyproject.toml excludes.
docs: $(VENV)/.installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	$(BIN)/python docs/check.py

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.run $(ARGS)

online: $(VENV)/.installed-dev
	$(BIN)/python -m tests.servers --ensure
	$(BIN)/python -m benchmarks.online $(ARGS)

package: $(VENV)/.installed-dev
	$(BIN)/python -m tests.package

clean:
	rm -rf .venv .venv-* $(VENV) site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
