# Nothing is needed before `make up` and `make test` but git, make, python3 and apt-get.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

.PHONY: up down status test check lock bootstrap

up: bootstrap ## run the hotline until Ctrl-C; options: make up ARGS="--sip-port 5070"
	@exec $(BIN)/ivr up $(ARGS)

down: bootstrap ## stop a hotline that runs in the background
	@$(BIN)/ivr down $(ARGS)

status: bootstrap ## say what runs
	@$(BIN)/ivr status $(ARGS)

# Calls last as long as people speak, so several are placed side by side.
test: check ## everything that must hold
	$(BIN)/ivr prepare
	$(BIN)/pytest -n 4 --dist worksteal

check: bootstrap ## what can be seen without running it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: bootstrap ## choose the newest versions of everything anew
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	echo 'setuptools>=77' | build/lock/bin/uv pip compile --quiet --universal --upgrade --no-header \
		--generate-hashes --all-extras --python-version 3.11 pyproject.toml - -o requirements.lock

bootstrap:
	@$(PYTHON) -I ivr/bootstrap.py
