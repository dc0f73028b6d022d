# `make demo` runs the Tehran crisis; `make test` runs every check. Both install what they need first.
PYTHON ?= python3
BIN := .venv/bin
DEMO := runs/demo-$(shell date +%Y%m%d-%H%M%S)

.PHONY: demo page test format bench clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/offramp solve src/offramp/starter.yaml > /dev/null  # compiles the solver's loops, once
	touch $@

demo: .venv/installed
	$(BIN)/offramp run crises/tehran-2024/crisis.yaml --draws 2048 --seed 1 --out $(DEMO)
	$(BIN)/offramp report $(DEMO)

# The workbench's page; Node comes with the development dependencies.
PAGE := src/offramp/app/page/index.html
page: $(PAGE)
$(PAGE): .venv/installed $(shell find web -path web/node_modules -prune -o -type f -print)
	$(BIN)/python web/build.py

test: .venv/installed page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses auto

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The peers that `make bench` measures against, apart from ours: the tests use another version of pygambit.
.venv-peers/installed:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check pygambit==17.0.0b2 open_spiel==2.0.2
	echo '*' > .venv-peers/.gitignore
	touch $@

bench: .venv/installed .venv-peers/installed
	$(BIN)/python benchmarks/table.py

clean:
	rm -rf .venv .venv-peers build dist runs web/node_modules src/offramp/app/page
