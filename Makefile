# Every target makes what it needs by itself; the second time is quick. Only python3 and make are needed.
.PHONY: install demo test check exhaustive chaos simulate bench coach coach-eval medallions lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Hearthside needs Python 3.11 or newer; this is Python " + ".".join(map(str, sys.version_info[:2])) + ". Set PYTHON to a newer one, as in: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/developed: $(VENV)/made requirements-dev.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/installed

install: $(VENV)/installed

demo: $(VENV)/installed
	@$(BIN)/hearthside demo

test: $(VENV)/developed
	$(BIN)/python -m pytest -q -m "not exhaustive" --numprocesses auto --dist worksteal

check: $(VENV)/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/hearthside check

exhaustive: $(VENV)/developed
	$(BIN)/python -m pytest -q -m exhaustive

# Five minutes of kills: make chaos SEED=7 repeats a run, make chaos BREAK=find (or claim) takes a protection out.
chaos: $(VENV)/developed
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(BREAK),--break $(BREAK))

# A month of leaders, with hand-off and without: make simulate SEED=7 is another, make simulate DAYS=7 JSON=figures.json a week.
simulate: $(VENV)/developed
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED)) $(if $(DAYS),--days $(DAYS)) $(if $(JSON),--json $(JSON))

# Figures of speed: all of them, or make bench ONLY=burst; make bench JSON=figures.json writes them to a file too.
bench: $(VENV)/developed
	@$(BIN)/python -m benchmarks $(ONLY) $(if $(JSON),--json $(JSON))

# The coach's weights, from our own corpus and PAIR: make coach PAIR=path/to/table.csv
coach: $(VENV)/developed
	@$(BIN)/python -m bot.features.practice.train --pair $(PAIR)

# How well the coach does, by cross-validation: make coach-eval PAIR=path/to/table.csv CARD=docs/coach-card.md
coach-eval: $(VENV)/developed
	@$(BIN)/python -m bot.features.practice.evaluation $(if $(PAIR),--pair $(PAIR)) $(if $(CARD),--card $(CARD))

# The pictures of celebrations, in content/milestones/medallions; the same drawing gives the same files.
medallions: $(VENV)/developed
	@$(BIN)/python -m bot.features.milestones.medallions

lock: $(VENV)/developed
	$(BIN)/uv pip compile --quiet pyproject.toml --all-extras --group build --universal --python-version 3.11 --generate-hashes --no-header --upgrade --output-file requirements.lock
	$(BIN)/uv pip compile --quiet pyproject.toml --all-extras --group build --group dev --universal --python-version 3.11 --generate-hashes --no-header --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
