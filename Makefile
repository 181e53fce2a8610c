# Everything happens inside .venv. Each target runs `make setup` first, which fills it.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# The first of these that is new enough; `make setup PYTHON=/path/to/python3.12` chooses another.
ifndef PYTHON
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v "$$python" && break; done)
endif

VENV := $(CURDIR)/.venv
export PATH := $(VENV)/bin:$(PATH)
export CDK_HOME := $(VENV)/cache/cdk
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(VENV)/cache/jsii
export NODE_COMPILE_CACHE := $(VENV)/cache/node
# Many containers set it. Each process would then compile the CDK again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) \
		| while IFS='|' read -r target text; do printf '  make %-10s %s\n' "$$target" "$$text"; done

.PHONY: setup
setup: ## Set up everything in .venv; repeats only what a change made necessary.
	@command -v "$(PYTHON)" >/dev/null || { echo "Python 3.11 or later isn't found:" \
		"install it, or pass its path: make setup PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -m dev.tools.setup

.PHONY: demo
demo: setup ## Deploy, rename, renew and delete a certificate, in an AWS on this machine.
	@python -m dev.demo

.PHONY: adoption
adoption: setup ## Adopt a certificate and move a construct, step by step, and show what IAM holds.
	@python -m dev.adoption

.PHONY: examples
examples: setup ## Deploy, renew, rename and destroy every example, in an AWS on this machine.
	@python -m dev.demo.examples

.PHONY: acceptance
acceptance: setup ## Ask a real AWS account what the project relies on; OPTIONS=--with-load-balancer for more.
	@python -m dev.acceptance $(OPTIONS)

.PHONY: local
local: setup ## Start the local cloud, and print how to point the AWS CLI and the CDK at it.
	@python -m local_cloud serve

.PHONY: test
test: setup ## Run what each commit must pass: checks, fast tests of the wheels, a demo, a rollback.
	@python -m dev.tools.tiers test

.PHONY: test-all
test-all: setup ## Run everything that `make test` leaves out, in half an hour to an hour.
	@python -m dev.tools.tiers test-all

.PHONY: unit
unit: setup ## Run the fastest tests, against the sources: nothing is deployed.
	python -m pytest --numprocesses=logical --dist=loadgroup \
		-m "not end_to_end and not local_cloud and not network" --ignore=tests/slow

.PHONY: lint
lint: setup ## Check code, formatting and wording, and the workflows of GitHub Actions.
	ruff check --no-cache .
	ruff format --check .
	zizmor --offline --no-progress --quiet --strict-collection --pedantic .github .pre-commit-config.yaml
	python -m dev.tools.wording

.PHONY: format
format: setup ## Format the code, and fix what ruff can fix.
	ruff check --no-cache --fix-only .
	ruff format .

.PHONY: typecheck
typecheck: setup ## Check the types, strictly.
	mypy

.PHONY: imports
imports: setup ## Check which package imports which.
	lint-imports

.PHONY: docs
docs: setup ## Build the documentation site into build/docs; any warning is an error.
	@python -m dev.tools.docs_site

.PHONY: pages
pages: setup ## Regenerate the pages and pictures made from the code, such as docs/reference/findings.md.
	python -m dev.tools.findings_page
	python -m dev.tools.function_contents --write
	python -m dev.tools.diagrams
	python -m dev.tools.check_picture
	python -m pytest tests/docs --numprocesses=0 -k test_console --update-pages --quiet

.PHONY: bench
bench: setup ## Run the benchmarks, print the ratios, and write docs/internals/benchmarks.md.
	python -m dev.benchmarks --write

.PHONY: faults
faults: setup ## Disturb every call of every operation, and write docs/internals/faults.md.
	python -m dev.resilience faults --write

.PHONY: search
search: setup ## Try random sequences of operations and disturbances; SEQUENCES=20000 for more.
	python -m dev.resilience search --sequences $(or $(SEQUENCES),2000) $(if $(SEED),--seed $(SEED))

.PHONY: explore
explore: setup ## Try everything that can happen to two small stacks, breadth first; MINUTES=60 for longer.
	python -m dev.exploration --write --minutes $(or $(MINUTES),30)

.PHONY: mutants
mutants: setup ## Remove one statement or condition at a time from the handler's decisions; list what no test notices.
	@python -m dev.mutants --write

# Nothing else needs the fuzzer, so it has its own virtual environment.
.PHONY: fuzz
fuzz: setup ## Search for input that breaks the readers; SECONDS=600 for longer.
	python -m venv --without-pip "$(VENV)/fuzzing"
	python -m pip --python "$(VENV)/fuzzing/bin/python" --cache-dir "$(VENV)/cache/pip" \
		--disable-pip-version-check install --quiet --require-hashes -r dev/requirements/fuzzing.txt
	"$(VENV)/fuzzing/bin/python" -m dev.fuzzing --seconds $(or $(SECONDS),300)

.PHONY: audit
audit: setup ## Ask OSV for security advisories about everything that is locked; OSV_URL=… asks another server.
	python -m dev.tools.audit $(if $(OSV_URL),--osv-url $(OSV_URL))

.PHONY: snapshots
snapshots: setup ## Regenerate the reviewed templates in tests/snapshots/templates.
	python -m pytest tests/templates/test_snapshots.py --update-snapshots

.PHONY: wheel
wheel: setup ## Build both wheels into dist/, byte for byte the same every time.
	python -m dev.tools.wheels

# `make lock` keeps the locked versions that still fit; `make lock UPGRADE=1` takes the newest.
UV := uv==0.13.9
COMPILE = "$(VENV)/lock/bin/uv" --cache-dir "$(VENV)/cache/uv" pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

.PHONY: lock
lock: setup ## Resolve the lock files again; UPGRADE=1 takes newer versions.
	python -m venv --without-pip "$(VENV)/lock"
	python -m pip --python "$(VENV)/lock/bin/python" --cache-dir "$(VENV)/cache/pip" \
		--disable-pip-version-check install --quiet $(UV)
	mkdir -p build
	python -m dev.tools.distributions > build/requirements.in
	$(COMPILE) build/requirements.in --group development \
		--output-file dev/requirements/development.txt
	$(COMPILE) --group aws-cli --output-file dev/requirements/aws-cli.txt
	$(COMPILE) --group fuzzing --constraint dev/requirements/development.txt \
		--output-file dev/requirements/fuzzing.txt
	$(COMPILE) --group audit --output-file dev/requirements/audit.txt
	$(COMPILE) --group docs --constraint dev/requirements/development.txt \
		--output-file dev/requirements/docs.txt
	$(COMPILE) --group peer --no-deps --output-file dev/requirements/peer.txt
	$(COMPILE) --group clients --output-file dev/requirements/clients.txt
	$(COMPILE) --group ansible --no-deps --output-file dev/requirements/ansible.txt
	$(COMPILE) --group lambda --no-deps --constraint dev/requirements/development.txt \
		--output-file lambda/server_certificate_handler/requirements.txt
	for folder in dev/tools/cdk-cli dev/tools/bytecode dev/benchmarks/peer_sdk \
		tests/slow/clients/javascript; do \
		npm --prefix $$folder --cache "$(VENV)/cache/npm" install --package-lock-only \
			--ignore-scripts --no-audit --no-fund --no-update-notifier || exit; done

.PHONY: clean
clean: ## Remove everything that isn't source, .venv included.
	rm -rf .venv build dist cdk.out acceptance-report.md .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache constructs/cdk_iam_server_certificate/_function
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
