# PYTHON  the interpreter that .venv is made with, 3.11 or later
# ARGS    what follows the command:  make mock ARGS="--port 0"   make test ARGS="-k tags"
PYTHON ?= python3
ARGS ?=

# Tests start hundreds of processes: each of them would compile the whole package again.
unexport PYTHONDONTWRITEBYTECODE
# Most modules of what is installed are never imported, and compiling all takes a third of the time of pip.
export PIP_NO_COMPILE := 1

VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
LOCK := .ci/constraints.txt
LOWEST := .ci/lowest.txt

QUICK := tests/test_architecture.py tests/test_names.py \
  $(addprefix tests/lookalike/,codecs contract openapi reports schema test_json_values.py test_readings.py)

COVERAGE := $(VENV)/bin/python -m coverage
MEASURED := $(COVERAGE) erase && $(COVERAGE) run -m pytest --numprocesses auto --dist worksteal $(ARGS) && \
  $(COVERAGE) combine --quiet && $(COVERAGE) report

# Each stamp is a file that is as old as what it stands for; a second run finds them and starts at once.
CREATED := $(VENV)/.created
RUNNABLE := $(VENV)/.runnable
TESTABLE := $(VENV)/.testable

.DEFAULT_GOAL := help
.PHONY: help mock test coverage quick lint docs bench bench-model bench-verify bench-calibrate bench-corpus bench-upgrading bench-stores crash attack soak fuzz real-servers runs catalogue sdk javascript lowest lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s  %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

mock: $(RUNNABLE) ## start the Lead API mock; sets .venv up on the first run
	@exec $(VENV)/bin/python -m lookalike mock $(ARGS)

test: lint ## lint, check the types, and run the tests with coverage
	@echo "Testing"
	@$(MEASURED)
	-@$(VENV)/bin/python -m bench.model --rounds 3

coverage: $(TESTABLE) ## run all tests, and measure the coverage of all, whole runs of verify too, in about twice the time
	@LOOKALIKE_COVERAGE=all $(MEASURED)

quick: lint ## lint, check the types, and run the fast tests: documents, schemas, contracts, codecs and reports
	@echo "Testing what is fast"
	@$(VENV)/bin/python -m pytest --quiet --numprocesses auto --dist worksteal $(QUICK) $(ARGS)

lint: $(TESTABLE) ## lint, and check format and types
	@echo "Linting"
	@$(VENV)/bin/python -m ruff check
	@$(VENV)/bin/python -m ruff format --check
	@$(VENV)/bin/python -m mypy

docs: $(TESTABLE) ## build the documentation into build/docs, without the network
	@$(VENV)/bin/python -m sphinx --fail-on-warning --keep-going --quiet docs build/docs
	@echo "The documentation is in build/docs/index.html"

bench: $(TESTABLE) ## measure beside other mock servers; needs wrk, node, npm and java (ARGS="--quick")
	@$(VENV)/bin/python -m bench.peers $(ARGS)

bench-model: $(RUNNABLE) ## print what a request and a document cost, as ratios that hold on any machine
	@$(VENV)/bin/python -m bench.model $(ARGS)

bench-verify: $(TESTABLE) ## count the planted defects that are found, and how soon
	@$(VENV)/bin/python -m bench.verify $(ARGS)

bench-calibrate: $(TESTABLE) ## print how alike a server and its mock answer, before and after a calibration
	@$(VENV)/bin/python -m bench.calibrate $(ARGS)

bench-corpus: $(TESTABLE) ## load, serve and use documents of real APIs; needs npm once
	@$(VENV)/bin/python -m bench.corpus $(ARGS)

bench-upgrading: $(TESTABLE) ## compare the upgrades of documents to OpenAPI 3.1 with those of two npm packages; needs node and npm once
	@$(VENV)/bin/python -m bench.upgrading $(ARGS)

bench-stores: $(TESTABLE) ## measure updates by store and number of processes; needs wrk (ARGS="--postgresql URL")
	@$(VENV)/bin/python -m bench.stores speed $(ARGS)

crash: $(TESTABLE) ## kill the mock fifty times under load for each store, and look for every change (ARGS="--postgresql URL")
	@$(VENV)/bin/python -m bench.stores crash $(ARGS)

sdk: $(TESTABLE) ## count the checks of SDKs and generated clients that hold on the mock; needs node, npm and java (ARGS="--on prism")
	@$(VENV)/bin/python -m bench.sdk $(ARGS)

javascript: $(RUNNABLE) ## test the package for JavaScript, and its example with Vitest and Playwright; needs npm, and Debian's chromium
	@npm install --prefix src/lookalike-js --no-package-lock --no-audit --no-fund --loglevel error
	@export LOOKALIKE=$(CURDIR)/$(VENV)/bin/lookalike CHROMIUM=$$(command -v chromium); \
	  export LOOKALIKE_DOCUMENT=$(CURDIR)/fixtures/contracts/pets/openapi.yaml; \
	  for tests in test test:types test:example; do npm --prefix src/lookalike-js run --silent $$tests || exit; done

real-servers: $(TESTABLE) ## judge servers that others wrote, as verify does by default; needs npm, and Debian's packages
	@LOOKALIKE_REAL_SERVERS=all $(VENV)/bin/python -m pytest --quiet tests/real_servers $(ARGS)

runs: $(TESTABLE) ## run the tests of whole runs of verify and calibrate with all their parameters; make test has an eighth
	@LOOKALIKE_RUNS=all $(VENV)/bin/python -m pytest --quiet --numprocesses auto --dist worksteal tests/verify $(ARGS)

catalogue: $(TESTABLE) ## judge every server of the catalogue of plain documents, each with one of ten seeds
	@LOOKALIKE_CATALOGUE=seeds $(VENV)/bin/python -m pytest --quiet --numprocesses auto --dist worksteal tests/catalogue $(ARGS)

attack: $(TESTABLE) ## attack the mock, and print what each attack costs and how long others wait (ARGS=--proxy)
	@$(VENV)/bin/python -m bench.attack $(ARGS)

soak: $(TESTABLE) ## load the mock with always-new requests for ten minutes, and watch its memory (ARGS=--proxy)
	@$(VENV)/bin/python -m bench.soak $(ARGS)

fuzz: $(TESTABLE) ## send 20,000 random streams to the server, and read 1,500 documents that are changed at random
	@LOOKALIKE_FUZZ=20000 LOOKALIKE_MUTANTS=500 $(VENV)/bin/python -m pytest --quiet --numprocesses auto \
	  tests/lookalike/server/test_smuggling.py tests/lookalike/test_mutated_documents.py $(ARGS)

lowest: ## run the tests of the command line with the lowest versions that pyproject.toml allows (ARGS="tests" for all)
	@$(PYTHON) -m venv --clear $(VENV)-lowest
	@$(VENV)-lowest/bin/python -m pip --disable-pip-version-check --quiet install --constraint $(LOWEST) --editable '.[test]'
	@$(VENV)-lowest/bin/python -m pytest --quiet --numprocesses auto $(if $(ARGS),$(ARGS),tests/lookalike/cli)

lock: ## write .ci/constraints.txt and .ci/lowest.txt anew, from the newest and lowest versions that pyproject.toml allows
	@echo "Resolving the newest versions"
	@rm -rf $(VENV)-lock
	@$(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip --disable-pip-version-check --quiet install '.[test]'
	@{ \
	  echo "# Every version that the mock and its tests run with; make lock refreshes it."; \
	  $(VENV)-lock/bin/python -m pip freeze --exclude lookalike; \
	} > $(LOCK)
	@echo "Resolving the lowest versions"
	@$(VENV)-lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	@{ \
	  echo "# The lowest versions that pyproject.toml allows of what it names; make lock refreshes it."; \
	  $(VENV)-lock/bin/uv pip compile --quiet --no-header --no-annotate --resolution lowest-direct --extra test pyproject.toml; \
	} > $(LOWEST)
	@rm -rf $(VENV)-lock

clean: ## remove .venv and everything else that was generated
	rm -rf $(VENV) $(VENV)-lock $(VENV)-lowest build dist src/lookalike-js/node_modules src/lookalike-js/example/test-results .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find bench docs src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(CREATED):
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is not installed: Lookalike needs Python 3.11 or later (another one: make PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Lookalike needs Python 3.11 or later; $(PYTHON) is" \
	    "$$($(PYTHON) -V 2>&1) (another one: make PYTHON=python3.11)" >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(RUNNABLE): $(CREATED) pyproject.toml $(LOCK)
	@echo "Installing Lookalike into $(VENV)"
	@$(PIP) install --constraint $(LOCK) --editable .
	@touch $@

$(TESTABLE): $(CREATED) pyproject.toml $(LOCK)
	@echo "Installing Lookalike and its test tools into $(VENV)"
	@$(PIP) install --constraint $(LOCK) --editable '.[test]'
	@touch $(RUNNABLE) $@
