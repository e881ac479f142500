# Every target sets up all it needs by itself: Python with venv and pip, make and git are enough.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test bench score lint messages lock chromium clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

install: $(INSTALLED) ## virtual environment in .venv, from the hashed lock

$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "qontakmig needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

demo: install ## practice orgs, a whole rehearsal, and the pages to look at it; Ctrl-C ends it
	@rm -rf var/demo
	@QONTAKMIG_VAR_DIR=var/demo $(BIN)/python manage.py demo

test: install chromium ## the whole suite, browser and PostgreSQL included where they exist
	@$(BIN)/python -m pytest -n 2 --dist loadfile

bench: install ## records per second, CPU and memory beside the floor, into benchmarks/results.json
	@$(BIN)/python -m benchmarks

score: install ## how good the proposer is on the development cases
	@$(BIN)/python manage.py propose --case tests/data/mapping/cases | $(BIN)/python benchmarks/score.py - --cases tests/data/mapping/cases

lint: install ## ruff and mypy, as CI runs them
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

messages: install ## what the pages say, into locale/ for translation; needs gettext
	@$(BIN)/python manage.py makemessages --locale id --no-obsolete --add-location file --ignore .venv \
		--ignore 'static/*' --ignore 'tests/*' --ignore 'benchmarks/*' --ignore 'var/*' --ignore 'qontakmig/simulators/*'
	@$(BIN)/python manage.py compilemessages --locale id --ignore .venv --verbosity 0

lock: install ## renew requirements.lock from pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --upgrade --quiet --custom-compile-command "make lock" -o requirements.lock

chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	     && { apt-get update -qq; apt-get install -y -qq --no-install-recommends chromium fonts-noto-color-emoji; } >/dev/null 2>&1; } \
	|| echo "No Chromium here and none can be installed: the browser tests are skipped."

clean: ## remove the virtual environment and everything the demo left
	@rm -rf .venv var staticfiles
