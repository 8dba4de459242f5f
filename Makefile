# All set-up happens here: a virtual environment from the hash-locked files, then the command.
# Needs Python >= 3.11 with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.PHONY: run test check stress bench lock openapi golden clean

run: $(VENV)/.runtime  ## migrate, load reference data and examples, serve on 127.0.0.1:8000
	@exec $(BIN)/parindex serve --setup

test: $(VENV)/.dev check  ## everything that must hold
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

stress: $(VENV)/.dev  ## concurrency and fuzzing at full length: minutes, not part of `make test`
	$(BIN)/python -m pytest --stress -n $(WORKERS) tests/stress

check: $(VENV)/.dev  ## lint, types, contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## measure, and write benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

openapi: $(VENV)/.dev  ## write openapi.json anew
	$(BIN)/python -m tests.approve_openapi

$(VENV)/.python:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

lock:  ## after a change of the dependencies in pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --output-file requirements.txt
	uv pip compile pyproject.toml --extra build --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet --constraint requirements.txt --output-file requirements-dev.txt

golden: $(VENV)/.dev  ## freeze the results of new cases, and all anew for a new engine_version
	$(BIN)/python -m tests.approve_golden

clean:
	rm -rf $(VENV)
