.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Kept beside the sources, whatever the environment says: every process would compile them anew.
export PYTHONDONTWRITEBYTECODE :=

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/installed: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Daybook needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing what Daybook needs into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.env: | $(VENV)/installed
	@umask 077 && $(BIN)/python -c 'import secrets; print(f"SECRET_KEY={secrets.token_urlsafe(50)}\nFERNET_KEYS={secrets.token_urlsafe(32)}\nDEBUG=on")' > $@

install: $(VENV)/installed .env ## Virtual environment, dependencies, an .env with fresh keys

demo: $(VENV)/installed ## Daybook with demo data and a local iCloud; Ctrl-C stops it
	@$(BIN)/python -m demo

icloud: $(VENV)/installed ## An imitation of iCloud by itself; ARGS=--help says more
	@$(BIN)/python -m tests.fakes.icloud $(ARGS)

run: install ## A development server on what .env names
	@$(BIN)/python manage.py migrate -v0 && $(BIN)/python manage.py createcachetable
	$(BIN)/python manage.py runserver

work: install ## The worker beside it
	$(BIN)/python manage.py work

test: $(VENV)/installed ## All tests but the browser's, on SQLite
	$(BIN)/python -m pytest -n 2 --dist loadscope --ignore=tests/browser $(ARGS)
	@echo "The tests in a browser are left to \`make browser\`, which needs Chromium and Java."

browser: $(VENV)/installed ## Every page in Chromium: the main job, axe, 320 px, markup, weight
	@command -v chromium > /dev/null || { echo "On Debian: apt-get install chromium"; exit 1; }
	@command -v java > /dev/null || { echo "On Debian: apt-get install default-jre-headless"; exit 1; }
	$(BIN)/python -m pytest -n 2 --dist loadscope tests/browser $(ARGS)

browser-all: ## The same, every page empty, full and in trouble, by day and in the dark
	BROWSER_ALL=1 $(MAKE) browser ARGS="--timeout=600 $(ARGS)"

screenshots: $(VENV)/installed ## The pictures in docs/images, taken anew of the demo
	@command -v chromium > /dev/null || { echo "On Debian: apt-get install chromium"; exit 1; }
	$(BIN)/python -m demo.screenshots

test-postgres: $(VENV)/installed ## The same, on a PostgreSQL started for them
	@command -v pg_virtualenv > /dev/null || { echo "On Debian: apt-get install postgresql"; exit 1; }
	pg_virtualenv -t -o fsync=off sh -c 'DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/postgres" $(BIN)/python -m pytest -n 2 --dist loadscope --ignore=tests/browser $(ARGS)'

words: $(VENV)/installed ## The messages to translate, collected anew, and the catalogs compiled
	@command -v msgfmt > /dev/null || { echo "On Debian: apt-get install gettext"; exit 1; }
	$(CHECK_ENV) $(BIN)/python manage.py makemessages --all --no-wrap --no-obsolete --add-location file --ignore tests --ignore demo --ignore benchmarks
	@sed -i '/^"POT-Creation-Date:/d' locale/*/LC_MESSAGES/django.po
	$(CHECK_ENV) $(BIN)/python manage.py compilemessages --ignore .venv
	$(BIN)/python -m pytest -q tests/words

coverage: $(VENV)/installed ## Branch coverage of the tests
	$(BIN)/python -m pytest -n 2 --dist loadscope --cov --cov-branch --cov-report=term-missing:skip-covered $(ARGS)

smoke: $(VENV)/installed ## The main job once over HTTP, against running servers
	$(BIN)/python -m demo.smoke

check: $(VENV)/installed ## Lint, types, imports, templates, migrations, deploy check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html' 'templates/**/*.html')
	$(BIN)/lint-imports
	$(CHECK_ENV) $(BIN)/mypy .
	$(CHECK_ENV) $(BIN)/python manage.py makemigrations --check --dry-run
	$(CHECK_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING

CHECK_ENV := SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))') FERNET_KEYS=check DEBUG=off SITE_URL=https://daybook.example DATABASE_URL=sqlite:///:memory:

promises: $(VENV)/installed ## Each promise's mutation turns its test red; some are seen in Chromium
	@command -v chromium > /dev/null || { echo "On Debian: apt-get install chromium"; exit 1; }
	$(BIN)/python -m tests.promises --every $(EVERY) --rows $(ROWS)

EVERY := 1

race: $(VENV)/installed ## Many processes want the same times: SQLite, PostgreSQL, and without wall
	$(BIN)/python -m tests.race --rounds $(ROUNDS)
	$(BIN)/python -m tests.race --rounds $(ROUNDS) --bare
	pg_virtualenv -t -o fsync=off sh -c 'DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/postgres"; export DATABASE_URL; $(BIN)/python -m tests.race --rounds $(ROUNDS) && $(BIN)/python -m tests.race --rounds $(ROUNDS) --bare'

ROUNDS := 200

bench: $(VENV)/installed ## Slots from database to list, bookings a second: SQLite and PostgreSQL
	$(BIN)/python -m benchmarks.slots
	pg_virtualenv -t -o fsync=off sh -c 'DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/postgres" $(BIN)/python -m benchmarks.slots'

bench-sync: $(VENV)/installed ## First sync of 10,000 events: requests, seconds, memory
	$(BIN)/python -m benchmarks.first_sync

bench-expand: $(VENV)/installed ## 1,000 series read and expanded, against recurring-ical-events
	$(BIN)/python -m benchmarks.expansion

sweep-dst: $(VENV)/installed ## Series around every clock change of two years, in every zone
	$(BIN)/python -m tests.integrations.caldav.clock_changes

sweep-slots: $(VENV)/installed ## Slots of thousands of calendars, against a walk through every minute; each booked over HTTP
	SLOTS=$(SLOTS) TIMES_OF_DAYS=4 $(BIN)/python -m pytest -q --timeout=0 tests/calendars/engine/test_kinds_model.py tests/calendars/services/test_rows_model.py tests/calendars/views/test_every_time.py

SLOTS := 3000

sweep: $(VENV)/installed ## A day in a host's life, with every kind of fault at every request
	SWEEP=all $(BIN)/python -m pytest -q -n 2 -rP tests/faults/test_sweep.py

machine: $(VENV)/installed ## Whatever happens in whatever order, on SQLite and PostgreSQL; EXAMPLES=2000
	EXAMPLES=$(EXAMPLES) SEED=$(SEED) $(BIN)/python -m pytest -q --timeout=0 -rP --capture=sys tests/machine/test_machine.py
	pg_virtualenv -t -o fsync=off sh -c 'DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/postgres" EXAMPLES=$(EXAMPLES) SEED=$(SEED) $(BIN)/python -m pytest -q --timeout=0 -rP --capture=sys tests/machine/test_machine.py'

machine-seeds: $(VENV)/installed ## The machine finds each of ten seeded defects
	$(BIN)/python -m tests.machine.seeds $(ARGS)

EXAMPLES := 2000
SEED := $(shell date +%j)

clean: ## Remove what was built; keeps .env and .data
	rm -rf $(VENV) .demo staticfiles .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.PHONY: help install demo icloud run work test browser browser-all screenshots test-postgres words coverage smoke check promises race bench bench-sync bench-expand sweep sweep-dst sweep-slots machine machine-seeds clean
