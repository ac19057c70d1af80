# Two commands: `make demo` runs the product with an example company, `make test` runs every check and test.
# Both begin with `make setup`. Only Python 3.11+, make and the package registries are needed.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
TESTS  ?=
WORKERS ?= 2

export PIP_REQUIRE_VIRTUALENV := 1

.PHONY: setup demo demo-reset test check browser sdks bundle effects cases perf clean messages lock
.DEFAULT_GOAL := help

help:
	@echo "make demo        run Tongpin with an example company on http://127.0.0.1:8400"
	@echo "make demo-reset  the same, starting afresh"
	@echo "make test        run every check and test (TESTS=path narrows, WORKERS=n)"
	@echo "make setup       only the virtual environment, the tongpin command and the front end"
	@echo "make check       linters, types, import contracts, translations"
	@echo "make bundle      wheels for a machine without package registries, in dist/bundle"
	@echo "make effects     reference results and interval coverage of the look back"
	@echo "make cases       worked examples of the insights, from HTTP to SQL"
	@echo "make perf        measurements (see tests/perf)"

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, not " + sys.version.split()[0])'
	@echo "· making the virtual environment"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements/run.lock
	@echo "· installing dependencies (a minute or two the first time)"
	@$(PIP) install --require-hashes -r requirements/run.lock
	@touch $@

# The build hook compiles the front end and the translations; it skips what has not changed.
FRONT := $(shell find src/tongpin -path '*/static' -prune -o \( -name '*.ts' -o -name '*.css' -o -name '*.po' -o -name '*.svg' \) -print) \
         package.json package-lock.json build.mjs tsconfig.json hatch_build.py pyproject.toml

$(VENV)/.front: $(VENV)/.run $(FRONT)
	@echo "· building the front end and the tongpin command"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/.front

demo: setup
	@$(BIN)/tongpin demo

demo-reset: setup
	@$(BIN)/tongpin demo --reset

$(VENV)/.test: $(VENV)/.front requirements/test.lock
	@echo "· installing what the tests need"
	@$(PIP) install --require-hashes -r requirements/test.lock
	@touch $@

browser:
	@bin/install-browser
	@bin/install-directory

sdks: $(VENV)/.test
	@$(BIN)/python bin/install-sdks

check: $(VENV)/.test
	@bin/check

# What fails beside others is run once more by itself (small machines are noisy); what fails twice fails.
test: $(VENV)/.test browser sdks check
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS) || { [ $$? -eq 1 ] && \
	 echo "· once more, by themselves" && $(BIN)/python -m pytest --last-failed --last-failed-no-failures none $(TESTS); }

bundle: setup
	@bin/bundle

effects: $(VENV)/.test
	@$(BIN)/python tests/perf/effects.py

# Worked examples of insights and of identity, from HTTP to SQL; TONGPIN_CASES names another folder.
cases: $(VENV)/.test
	@$(BIN)/python -m pytest -q tests/realdata/test_insight_cases.py tests/realdata/test_identity_cases.py

perf: $(VENV)/.test
	@ls tests/perf/*.py | sed 's/^/run: $(subst /,\/,$(BIN))\/python /'

messages: $(VENV)/.test
	@$(BIN)/python bin/messages update

# Writes the lock files anew from pyproject.toml (needs uv in the environment).
lock:
	@bin/lock

clean:
	@rm -rf $(VENV) node_modules dist build src/tongpin/ui/static/tongpin
