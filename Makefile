# `make demo` runs the Tehran crisis; `make test` runs every check. Both install what they need first.
PYTHON ?= python3
BIN := .venv/bin
DEMO := runs/demo-$(shell date +%Y%m%d-%H%M%S)
PAGE := src/offramp/app/page/index.html
PYTHONS := 3.11 3.12 3.13

.PHONY: demo page test format bench wheels installed lock clean

# A file in locks/ names packages with their versions and hashes. Only wheels are installed, so nothing is compiled.
UV := $(BIN)/uv pip
INSTALL := $(UV) install --quiet --python $(BIN)/python
LOCKED := $(INSTALL) --no-build --require-hashes --requirements

.venv/run: pyproject.toml locks/uv.txt locks/run.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --only-binary :all: \
	  --require-hashes --requirement locks/uv.txt
	$(LOCKED) locks/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	$(BIN)/offramp solve src/offramp/starter.yaml > /dev/null  # compiles the solver's loops, once
	touch $@

.venv/dev: .venv/run locks/dev.txt
	$(LOCKED) locks/dev.txt
	touch $@

demo: .venv/run
	$(BIN)/offramp run crises/tehran-2024/crisis.yaml --draws 2048 --seed 1 --out $(DEMO)
	$(BIN)/offramp report $(DEMO)

# The workbench's page; Node is a package of Python here.
page: $(PAGE)
$(PAGE): .venv/run locks/page.txt $(shell find web -path web/node_modules -prune -o -type f -print)
	$(LOCKED) locks/page.txt
	$(BIN)/python web/build.py

test: .venv/dev page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses auto

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev page
	$(LOCKED) locks/bench.txt
	$(BIN)/python benchmarks/table.py

# On each version of Python everything that is locked has a wheel: what would be installed is found, and nothing is.
wheels: .venv/run
	for version in $(PYTHONS); do for lock in uv run page dev bench; do \
	  $(INSTALL) --dry-run --python-version $$version --target build/wheels --no-build --require-hashes \
	    --requirements locks/$$lock.txt || exit; \
	done; done

# Newer versions, as far as pyproject.toml and each other allow: `make lock UPGRADE=--upgrade`.
UPGRADE :=
LOCK = $(UV) compile --quiet --universal --python-version 3.11 --fork-strategy fewest --only-binary :all: \
  --generate-hashes --no-annotate --custom-compile-command 'make lock'
lock: .venv/run
	$(LOCK) $(UPGRADE) --all-extras --group dev pyproject.toml --output-file locks/dev.txt
	$(LOCK) --constraint locks/dev.txt --extra app --group install pyproject.toml --output-file locks/run.txt
	$(LOCK) --constraint locks/dev.txt --group uv --output-file locks/uv.txt
	$(LOCK) --constraint locks/dev.txt --group page --output-file locks/page.txt
	$(LOCK) --constraint locks/dev.txt $(UPGRADE) --group bench --output-file locks/bench.txt

clean:
	rm -rf .venv build dist runs web/node_modules src/offramp/app/page
