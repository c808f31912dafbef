# Ledgerline. `make run` starts it, `make test` runs everything that CI runs.
PY := .venv/bin/python
PYTEST := .venv/bin/pytest -q
.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-long bench lint lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1@/' | column -t -s@

run: ## install, migrate, load the demo company on the first start, serve web and worker (HOST, PORT override)
	@.ci/install requirements.lock
	@exec $(PY) -m dashapp serve --quickstart

test: ## everything CI runs, with its own set-up
	@.ci/install requirements-dev.lock
	@.ci/postgresql
	@.ci/libreoffice
	@CHROMIUM="$$(.ci/chromium)" .ci/test -m "not long"

test-fast: ## as `make test`, without the browser
	@.ci/install requirements-dev.lock
	@.ci/postgresql
	@.ci/libreoffice
	@.ci/test -m "not long and not browser"

test-long: ## every test at its full size, on Spark too
	@.ci/install requirements-dev.lock
	@.ci/postgresql
	@.ci/libreoffice
	@.ci/spark
	@CHROMIUM="$$(.ci/chromium)" .ci/test --timeout 7200

bench: ## the benchmarks: ratios side by side, no verdict
	@.ci/install requirements-dev.lock
	@$(PY) -m tests.bench

lint: ## ruff, mypy and the layers of the house
	@.ci/install requirements-dev.lock
	@.ci/lint

lock: ## pin all requirements anew, with hashes, for every platform from Python 3.11 on
	@.ci/install requirements-dev.lock
	@.ci/lock

clean: ## remove the virtual environment and caches; data stay
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis tests/.artifacts
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
