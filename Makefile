# make up / down / status    run the product on this machine; PORT=9000 chooses the port, DEMO=0 or DEMO=full the demo
# make test                  the whole suite on throw-away servers; ARGS="tests/points -k lots" a part of it
# make check                 everything CI runs besides the tests
# make bench                 the benchmarks; ARGS=ledger one of them, SCALE=1000000 the number of members
# make torture               ten minutes of traffic while everything is killed at random; ARGS="--seconds 60 --seed 7"
# make screenshots           the pictures of the documentation
# make messages              collect the words to translate, and compile the translations
# make lock                  choose newer versions of what we build on (needs uv)
# make clean                 remove all that the other targets made, the embedded databases too
# Needs make and Python 3.11 or later with venv. Nothing is installed outside this folder (as root: its state, /var/lib).
VENV ?= .venv
# The first interpreter that runs and will do: a name on the PATH may be a shim that only fails.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --disable-pip-version-check --quiet --no-compile --no-deps --require-hashes --only-binary :all:
LAUNCH := @exec $(PY) -m launcher
UP := requirements/base.txt requirements/embedded.txt requirements/demo.txt

up: $(VENV)/up.stamp
	$(LAUNCH) up

down status: $(VENV)/up.stamp
	$(LAUNCH) $@

test: $(VENV)/test.stamp
	$(LAUNCH) test -- $(ARGS)

check: $(VENV)/test.stamp
	$(LAUNCH) check -- $(ARGS)

bench: $(VENV)/bench.stamp
	$(LAUNCH) bench -- $(ARGS)

torture: $(VENV)/test.stamp
	@exec $(PY) -m tests.torture $(ARGS)

screenshots: $(VENV)/test.stamp
	$(LAUNCH) run -- $(PY) -m tests.screenshots $(ARGS)

messages: $(VENV)/test.stamp
	$(PY) manage.py update_translations
	$(PY) manage.py compile_translations

lock:
	cd requirements && for name in base embedded demo test bench browser; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade --custom-compile-command "make lock" \
			$$(test $$name = base || echo "--constraint base.txt") $$name.in --output-file $$name.txt || exit 1; \
	done

clean:
	@test ! -x $(PY) || $(PY) -m launcher clean
	rm -rf $(VENV) var

$(PY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with venv is needed (Debian, Ubuntu: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/up.stamp: $(UP) | $(PY)
	$(INSTALL) $(UP:%=-r %)
	@touch $@

$(VENV)/test.stamp: requirements/test.txt | $(PY)
	$(INSTALL) -r requirements/test.txt
	@touch $@ $(VENV)/up.stamp

$(VENV)/bench.stamp: requirements/bench.txt $(VENV)/up.stamp | $(PY)
	$(INSTALL) --no-binary django-hordak -r requirements/bench.txt
	@touch $@

.PHONY: up down status test check bench torture screenshots messages lock clean
