# `make demo` runs the Tehran crisis; `make test` runs every check. Both install what they need first.
PYTHON ?= python3
BIN := .venv/bin
# Plugins of packages that are here for other reasons: each process that tests would load them, for a second or two.
PYTEST := pytest -p no:anyio -p no:zarr
DEMO := runs/demo-$(shell date +%Y%m%d-%H%M%S)
PAGE := src/offramp/app/page/index.html
CORE := src/offramp/equilibrium/built

# Python keeps what it has compiled, also if the environment says otherwise: tests start a hundred processes of it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo core page docs lint modules test thorough texts record mutate format bench wheels release lock clean

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
	touch $@

.venv/dev: .venv/run locks/dev.txt
	$(LOCKED) locks/dev.txt
	touch $@

# The solver's core; the compiler is a package of Python. Every use of the package in this checkout needs it, and to
# install it has compiled it: here only what was changed since is compiled again.
core: $(CORE)
$(CORE): $(wildcard core/*) | .venv/run
	$(BIN)/python core/build.py
	touch $@

demo: .venv/run core
	$(BIN)/offramp run crises/tehran-2024/crisis.yaml --draws 2048 --seed 1 --out $(DEMO)
	$(BIN)/offramp report $(DEMO)

# The workbench's page; Node is a package of Python here.
page: $(PAGE)
$(PAGE): .venv/run locks/page.txt $(shell find web -path web/node_modules -prune -o -type f -print)
	$(LOCKED) locks/page.txt
	$(BIN)/python web/build.py

# The documentation site, in build/docs, without a network; a warning is an error.
docs: .venv/dev core
	$(BIN)/sphinx-build --fail-on-warning --keep-going --jobs auto --fresh-env --quiet \
	  --conf-dir docs --doctree-dir build/doctrees . build/docs

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The modules of all tests, compiled once before several processes need them, while lint takes its time.
modules: .venv/dev core
	$(BIN)/$(PYTEST) --collect-only > /dev/null

test: .venv/dev
	$(MAKE) --jobs 2 lint page modules
	$(BIN)/$(PYTEST) --numprocesses auto --dist worksteal

# Property tests with all of their examples, which `make test` takes a tenth of.
thorough: .venv/dev
	$(MAKE) page
	OFFRAMP_TESTS=thorough $(BIN)/$(PYTEST) --numprocesses auto --dist worksteal

# The template of translations, build/offramp.pot: every text of the pages and of findings (docs/translating.md).
texts: .venv/dev page
	$(BIN)/python -m translation.template build/offramp.pot

# A model's answers for the tests of drafts, asked with your own key; no test runs this (tests/replay/README.md).
# `make record MODEL=NAME URL=ADDRESS KEY=VARIABLE ACCOUNTS="kell_dam cod_war"`; without ACCOUNTS, all of them.
record: .venv/dev
	$(BIN)/python -m tests.replay.record --model "$(MODEL)" --base-url "$(URL)" $(if $(KEY),--key-env $(KEY)) $(ACCOUNTS)

# Mutation testing: which changes of the code no test notices. `mutmut results` lists them, `mutmut show NAME` shows one.
mutate: .venv/dev
	$(LOCKED) locks/mutate.txt
	$(BIN)/mutmut run
	$(BIN)/mutmut results

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev page
	$(LOCKED) locks/bench.txt
	$(BIN)/python benchmarks/table.py

# For each system and version of Python everything that is locked has a wheel; nothing is installed.
SYSTEMS := x86_64-unknown-linux-gnu macos windows
PYTHONS := 3.11 3.12 3.13 3.14
wheels: .venv/run
	for system in $(SYSTEMS); do for version in $(PYTHONS); do \
	  $(INSTALL) --dry-run --no-build --require-hashes $(addprefix --requirements ,$(wildcard locks/*.txt)) \
	    --target build/wheels --python-platform $$system --python-version $$version || exit; \
	done; done

# A release in dist/: the source archive, a wheel for each system, a bill of materials; nothing is published. The wheel of
# this machine's system is installed for each version of Python and tried: `make release PYTHONS="3.12 3.13"` for fewer.
release: .venv/run locks/release.txt
	$(PYTHON) -m venv --without-pip --clear build/release
	$(UV) install --quiet --python build/release/bin/python --no-build --require-hashes --requirements locks/release.txt
	build/release/bin/python -m release --uv $(BIN)/uv --pythons $(PYTHONS)

# Newer versions, as far as pyproject.toml and each other allow: `make lock UPGRADE=--upgrade`.
UPGRADE :=
LOCK = $(UV) compile --quiet --universal --python-version 3.11 --fork-strategy fewest --only-binary :all: \
  --generate-hashes --no-annotate --custom-compile-command 'make lock'
lock: .venv/run
	$(LOCK) $(UPGRADE) --all-extras --group dev pyproject.toml --output-file locks/dev.txt
	$(LOCK) --constraint locks/dev.txt --extra app --group install pyproject.toml --output-file locks/run.txt
	$(LOCK) --constraint locks/dev.txt --group uv --output-file locks/uv.txt
	$(LOCK) --constraint locks/dev.txt --group page --output-file locks/page.txt
	$(LOCK) --constraint locks/dev.txt --group mutate --output-file locks/mutate.txt
	$(LOCK) --constraint locks/dev.txt $(UPGRADE) --group bench --output-file locks/bench.txt
	$(LOCK) --constraint locks/dev.txt $(UPGRADE) --group release --output-file locks/release.txt

clean:
	rm -rf .venv build dist mutants runs web/node_modules src/offramp/app/page $(CORE)
