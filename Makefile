# Relative paths only: the checkout may stand in a folder whose name has a space.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
PY = .venv/bin/python
AUDIT ?= contract

.PHONY: run test screenshots check audit bench format lock schema released clean

run: .venv/.runtime .env  ## Set everything up and serve the API
	@$(PY) manage.py prepare --host "$(HOST)" --port "$(PORT)"
	@exec $(PY) -m granian --interface wsgi --host "$(HOST)" --port "$(PORT)" --workers 1 --blocking-threads 8 \
		--workers-kill-timeout 10 --log-level warning config.wsgi:application

test: .venv/.development  ## Set everything up and run the tests
	@$(PY) -m pytest -n auto --dist worksteal

screenshots: .venv/.development  ## Drive the back office with Chromium (CHROMIUM=path) and take its pictures
	@$(PY) -m pytest tests/browser

check: .venv/.development  ## The quality gates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	.venv/bin/python .venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run --settings config.settings_test
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null --settings config.settings_test
	LOG_LEVEL=ERROR ENVIRONMENT=production SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
		JWT_SIGNING_KEY=a-key-for-this-check-alone ALLOWED_HOSTS=finances.example \
		DATABASE_URL=postgres://finances@127.0.0.1/finances REDIS_URL=redis://127.0.0.1:6379 \
		$(PY) manage.py check --deploy --fail-level WARNING

audit: .venv/.development  ## Try what is promised on the running product; options: make audit AUDIT="contract --examples 100"
	@$(PY) -m audit.$(AUDIT)

format: .venv/.development
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: .venv/.runtime .venv-bench/.installed  ## Measure against FastAPI and PostgreSQL; options: make bench BENCH="--help"
	@$(PY) -m benchmarks $(BENCH)

lock: .venv/.development  ## Compile requirements.in into the pinned, hashed files
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		requirements.in -o requirements.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		-c requirements.txt requirements-dev.in -o requirements-dev.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		benchmarks/requirements.in -o benchmarks/requirements.txt

schema: .venv/.development  ## Write docs/openapi.yaml anew
	$(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml --settings config.settings_test

released:  ## After a release: its migrations are never edited again
	@sha256sum accounts/migrations/0*.py currencies/migrations/0*.py securities/migrations/0*.py \
		finances/*/migrations/0*.py > tests/released_migrations.sha256

clean:
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache staticfiles test.sqlite3*

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'
	@$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt | .venv/bin/python
	@echo "Installing the requirements (about a minute)..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt | .venv/bin/python
	@echo "Installing the requirements with the development tools (about two minutes)..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/.runtime

.venv-bench/.installed: benchmarks/requirements.txt
	@echo "Installing what the benchmarks compare with..."
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.txt
	@touch $@

.env:
	@umask 077 && $(PYTHON) -c 'import secrets; [print(f"{n}={secrets.token_urlsafe(50)}") for n in ("SECRET_KEY", "JWT_SIGNING_KEY")]' > .env
