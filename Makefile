# make run      serve the playground on http://127.0.0.1:8000 (HOST and PORT respected)
# make test     install what the tests need, and run all of them
# make check    lint, formatting, types, import directions
# make setup    everything a developer needs, installed into .venv
# make bench    the benchmarks beside their bars, written into docs/performance.md (BENCH: other options)
# make verify-all  build every example and 2,000 random programs in both frameworks, and compare
# make tables   write what Lark makes of the grammar anew, after a change of grammar.lark
# make clean    remove caches and build products (distclean: .venv too)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
BENCH ?= --json docs/performance.json --charts
TORCH := $(shell sed -n 's/^ *"\(torch==[^";]*\)".*/\1/p' pyproject.toml)

.PHONY: run setup check test tables bench verify-all clean distclean
.NOTPARALLEL:

run: $(VENV)/.installed
	@exec $(BIN)/neural serve

setup: $(VENV)/.installed-test $(VENV)/.installed-dev

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet tests/test_import_directions.py

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses 2 tests
	CHROMIUM="$$(scripts/find_chromium --install)" && export CHROMIUM && $(BIN)/python -m pytest e2e

bench: $(VENV)/.installed-bench
	$(BIN)/python tests/performance/benchmark_runner.py $(BENCH)

verify-all: $(VENV)/.installed-test
	$(BIN)/python scripts/verify_all.py

tables: $(VENV)/.installed
	PYTHONHASHSEED=0 $(BIN)/python -m neural.parser.kept_tables

clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)

# A stamp is younger than pyproject.toml when what it stands for is installed.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; say which one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[dev,test]'
	@touch $@

# torch alone and first, so that no other requirement moves the release that is pinned.
$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	$(PIP) '$(TORCH)'
	$(PIP) --editable '.[frameworks,test]'
	@touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-test
	$(PIP) --editable '.[bench]'
	@touch $@
