# make run: the app.  make quick: while you work.  make check: what CI runs.  All set up .venv by themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/python -m uv
PORT ?= 8501

# Training on a shared machine is up to 20 times slower where OpenMP's threads spin while they wait.
export OMP_WAIT_POLICY = passive

.DEFAULT_GOAL := help
.PHONY: help run quick test check slow format fuzz lock sample screenshots chromium postgres caddy clean

help:
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{printf "make %-12s %s\n", $$1, $$2}'

run: $(VENV)/.run ## start the app on http://127.0.0.1:8501 (PORT=... for another)
	$(BIN)/python -m streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

# Tests are parted by what they cost: `slow` takes more than half a second, `browser` needs Chromium, `long` is too long for CI.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2

quick: $(VENV)/.dev ## format, lint and the tests that take a moment: while you work
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(PYTEST) -q -m "not slow and not browser and not long"

test: $(VENV)/.dev chromium postgres caddy ## every test but the long ones, those in a real browser and on a real PostgreSQL too
	$(PYTEST) -n 3 --dist loadfile -m "not long"  # one more than cores: they wait for servers and browsers

check: $(VENV)/.dev ## format, lint, types and every test: what CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(MAKE) test

slow: $(VENV)/.dev ## what is too long for CI: real ledgers (INSIGHTS_REAL_LEDGERS names their folder), properties on new examples, thousands of broken files
	$(PYTEST) -m long
	$(PYTEST) -q --hypothesis-profile drawn -m "hypothesis and not browser and not long"
	$(MAKE) fuzz FILES=3000

format: $(VENV)/.dev ## put every file into the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

FILES ?= 10000
fuzz: $(VENV)/.dev ## thousands of broken files through the import, where `make test` tries a hundred (FILES=...)
	OMP_NUM_THREADS=1 RUST_BACKTRACE=0 $(BIN)/python -m tests.ingest.fuzz $(FILES)

sample: $(VENV)/.run ## write sample_data/ledger.csv again (the same bytes)
	$(BIN)/python sample_data/generate.py

screenshots: $(VENV)/.dev chromium ## docs/screenshots, from the sample ledger
	$(BIN)/python scripts/screenshots.py

lock: $(VENV)/.dev ## resolve requirements*.txt again, into the locks
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		requirements.txt -o requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		-c requirements.lock requirements-dev.txt -o requirements-dev.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade \
		-c requirements-dev.lock requirements-cluster.txt -o requirements-cluster.lock

clean: ## remove .venv and caches, never the workspace
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

chromium:
	@scripts/chromium.sh

postgres:
	@scripts/postgres.sh

caddy:
	@scripts/caddy.sh

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@touch $@

$(VENV)/.run: requirements.lock $(VENV)/.uv
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $<
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements-cluster.lock $(VENV)/.uv
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $<
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-cluster.lock
	@touch $@ $(VENV)/.run
