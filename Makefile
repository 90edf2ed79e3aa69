# One door to everything. `make run` and `make test` need only make and Python 3.11+; they fetch the rest themselves.

# The first Python on the path that is new enough; choose another with `make PYTHON=... run`.
PYTHON ?= $(or $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done),python3)
VENV_PYTHON := .venv/bin/python
WORKERS ?= 2
CODE = $(foreach place,hub schema connectors seeds bench deploy tests,$(if $(wildcard $(place)/*.py $(place)/*/*.py),$(place))) $(wildcard wsgi.py)

.NOTPARALLEL:
.PHONY: run test check lint bench shots clean environment development front services

run: environment front  ## start the five-district demonstration
	$(VENV_PYTHON) -m seeds.demo

test: development services front  ## run every test; what cannot run here is named in the summary
	$(VENV_PYTHON) -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder $(TESTS)

check: lint test  ## format, lint, types, contracts, tests

lint: development  ## format, lint, types, contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy $(CODE)
	.venv/bin/lint-imports

bench: development front  ## measure; numbers go to standard output
	$(VENV_PYTHON) -m bench

shots: development services front  ## take pictures of every page
	$(VENV_PYTHON) -m bench.shots

clean:  ## remove what the targets above made; var/ with the demonstration's data stays
	rm -rf .venv hub/web/front/node_modules hub/web/front/built hub/web/static/vendor hub/web/static/vendor.new
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

environment:
	@$(PYTHON) deploy/bootstrap.py

development:
	@$(PYTHON) deploy/bootstrap.py --dev

front: environment
	@$(VENV_PYTHON) -m deploy.frontend

services: development
	@$(VENV_PYTHON) -m deploy.services
