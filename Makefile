# Two commands matter: `make demo` and `make test`. Both set everything up first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: help install demo test lint format lock docs bench bench-table images clean

help:
	@echo "make demo    fill a demo shop, serve it, print one curl line per read API (PORT=$(PORT))"
	@echo "make test    run every test against real servers"
	@echo "make lint    formatting, lint, strict types, import layers"
	@echo "make bench   measure, as ratios against baselines of the same run (EVENTS=10_000_000, ENROLLED=1_000_000, SECONDS=4, FRESH=1, DATABASE=postgresql)"
	@echo "make bench-table  put the figures of the last run into docs/performance.md"
	@echo "make images  take the pictures of the console's pages for the documentation anew"
	@echo "make docs    the documentation as a web site, in the folder site"
	@echo "make lock    resolve requirements.lock anew from pyproject.toml"

install: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

demo: install
	@$(BIN)/footfall demo --port $(PORT)

test: install
	$(BIN)/python -m pytest -n auto

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --output-file requirements.lock

docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: install
	$(BIN)/python -m benchmarks

bench-table: install
	$(BIN)/python -m benchmarks.document

images: install
	FOOTFALL_TEST_IMAGES=1 $(BIN)/python -m pytest tests/console/test_browser.py -k pictures

clean:
	rm -rf $(VENV) .clients .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .demo .bench site
