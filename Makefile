# Nonet needs Python 3.11 or newer and make; everything else comes by the locks. "make help" lists what there is.
.DEFAULT_GOAL := help
PY := .venv/bin/python
PART ?=
ARGS ?=
TESTS ?= tests
WORKERS ?= 2

.PHONY: help run env env-dev web wheel test check bench soak lock format client doctor

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1	\2/p' Makefile | expand -t 18

run: env web ## start Nonet: install, build, start the database and every role (ARGS="--https --host 0.0.0.0")
	@exec .venv/bin/nonet up --follow-parent $(ARGS)

env: ## make .venv and install what running needs
	@sh tools/env.sh

env-dev: ## the same with what testing needs
	@sh tools/env.sh dev

web: env ## build the web app when its sources changed
	@$(PY) tools/web.py build

wheel: env web ## write the package with the built web app into dist/: it installs and runs without Node
	@$(PY) -m hatchling build --target wheel --directory dist

doctor: env ## say what is missing, wrong or old, and the command that mends it
	@.venv/bin/nonet doctor

test: env-dev web ## run every test: pure, database, flows, real ffmpeg, real browser (TESTS=tests/media)
	@browser="$$($(PY) tools/browser.py)" && NONET_BROWSER="$$browser" $(PY) -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

check: env-dev ## look for what a machine can find: style, types, imports, contracts, documentation
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) tools/reference.py --check
	$(PY) tools/web.py same
	$(PY) tools/web.py check
	$(PY) -m pytest tests/docs tests/test_house.py

bench: env-dev web ## measure the product (PART=start|bytes|media|encoding|feed|events|web|social|faults|soak for one part)
	@$(PY) -m bench $(PART)

soak: env-dev web ## kill processes a thousand times and look for lost uploads
	@$(PY) tests/product/soak.py $(ARGS)

format: env-dev ## bring the Python sources into form
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

client: env-dev ## write the API's description and the web app's client from the code
	$(PY) tools/reference.py
	$(PY) tools/web.py client

lock: env-dev ## renew both lock files (ARGS="--upgrade")
	sh tools/lock.sh $(ARGS)
