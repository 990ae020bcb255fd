# Nothing is needed before `make up` and `make test` but git, make, python3 and apt-get.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

.PHONY: up down status voices bench endure bench-long fuzz test test-ears check lock sbom audit bootstrap

up: bootstrap ## run the hotline until Ctrl-C; options: make up ARGS="--sip-port 5070"
	@exec $(BIN)/ivr up $(ARGS)

down: bootstrap ## stop a hotline that runs in the background
	@$(BIN)/ivr down $(ARGS)

status: bootstrap ## say what runs
	@$(BIN)/ivr status $(ARGS)

voices: bootstrap ## install the neural voices, for building prompts (docs/voices.md)
	@$(BIN)/python -m ivr.speech.voices.install

bench: bootstrap ## what a call costs, beside a plain dialplan and a bare script; 12 minutes
	@$(BIN)/python -m bench.compose
	@$(BIN)/python -m bench.agi
	@$(BIN)/python -m bench.load

bench-long: bootstrap ## large desks, changed flows, and how much is carried: make bench-long ARGS="minutes=30"
	@$(BIN)/python -m bench.load reload queue ceiling busy steady $(ARGS)

fuzz: bootstrap ## spoilt input for so long: make fuzz ARGS="20m", or ARGS="1h sip"
	@$(BIN)/python -m tests.fuzz $(ARGS)

endure: bootstrap ## kill controllers under real calls, hundreds of times (docs/operations.md)
	@$(BIN)/python -m bench.endure $(ARGS)

# Calls last as long as people speak, so several are placed side by side; and apart from all that
# keeps the processors busy, for a phone that does not get its turn in time loses sound. So a few that
# fail beside others are placed once more, alone, after all has been told of how they failed.
test: check ## everything that must hold
	@$(BIN)/python -m tests.hearing.install & $(BIN)/python -m tests.editor.install & \
		$(BIN)/ivr prepare; done=$$?; wait; exit $$done
	$(BIN)/pytest -m ears
	$(BIN)/pytest -m "realtime and not ears" -n 3 --dist worksteal || \
		$(BIN)/pytest -m "realtime and not ears" --last-failed --last-failed-no-failures none
	$(BIN)/pytest -m "not realtime and not ears" -n 2 --dist worksteal

test-ears: bootstrap ## let an offline recogniser listen to real calls; installs it first
	@$(BIN)/python -m tests.hearing.install
	$(BIN)/ivr prepare
	$(BIN)/pytest -m ears
	@cat build/ears/heard.md

check: bootstrap ## what can be seen without running it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

LOCK := build/lock/bin/uv pip compile --quiet --universal --upgrade --no-header --no-emit-index-url \
	--generate-hashes --python-version 3.11

lock: bootstrap ## choose the newest versions of everything anew
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	echo 'setuptools>=77' | $(LOCK) --extra draw --extra phone --extra bench --extra dev pyproject.toml - -o requirements.lock
	cd ivr/speech/voices/engines && ../../../../$(LOCK) requirements.in -o requirements.lock
	cd tests/hearing && ../../$(LOCK) requirements.in -o requirements.lock

sbom: bootstrap ## what is installed from PyPI, as CycloneDX: build/sbom
	@$(BIN)/python -m tests.supply sbom

audit: bootstrap ## ask PyPI what is known against it; fails where that cannot be asked, too
	@$(BIN)/python -m tests.supply audit

bootstrap:
	@$(PYTHON) -I ivr/bootstrap.py
