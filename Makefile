# make demo    set up .venv and film stories/witch.story
# make test    set up .venv and run the tests, in two processes of one thread each
# Needs Python 3.11 or newer; PYTHON=... names another one.

VENV := .venv
READY := $(VENV)/ready
FINDS := for python in python3 python3.13 python3.12 python3.11; do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done
PYTHON ?= $(shell $(FINDS))

.PHONY: setup demo test lock clean

demo: setup
	@$(VENV)/bin/dreamrunner build stories/witch.story
	@echo "The film is build/witch/witch.mp4, its storyboard build/witch/storyboard.png."

test: setup
	@OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -q -n 2

setup: $(READY)

# The stamp is written last: a set-up that was broken off begins again.
$(READY): pyproject.toml constraints.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "DreamRunner needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Setting up $(VENV); this downloads some 3 GB and takes a few minutes."
	@"$(PYTHON)" -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --editable ".[test]" --constraint constraints.txt
	@touch $@

# Writes down the versions that are installed now, after trying newer ones.
lock: setup
	@$(VENV)/bin/python -m pip freeze --exclude-editable > constraints.txt
	@touch $(READY)

clean:
	@rm -rf $(VENV) build dist .pytest_cache .hypothesis
