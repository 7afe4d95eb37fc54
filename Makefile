# make demo    set up what films in .venv, unless all is there, and film stories/lantern.story
# make setup   set up .venv with all of DreamRunner but its voices, and what its tests need; EXTRAS=all,test has them, too
# make test    set up .venv and run the tests, in two processes of one thread each
# make lint    set up .venv and check style, types, and what imports what
# make browser install Debian's Chromium, for the tests of pages, where there is none and it can be had
# make docs    set up .venv and build the site with its playground into build/site; needs npm, too
# make grammar  set up .venv and write the grammar's tables anew, after an edit of grammar/story.lark
# make tree-sitter    generate the parser of grammar/tree-sitter-story anew, after an edit of its grammar.js
# make zed     put the extension for Zed together in dist/zed, for this checkout
# make vsix    build the VS Code extension into dist/
# make test-vscode    set up .venv and test the extension with it
# Needs Python 3.11 or newer; PYTHON=... names another one. The extension needs Node 20 or newer, with npm.
# TORCH_INDEX=... is the address of an index with PyTorch's builds for processors, which PyTorch's own page of how to
# install it gives. On a machine without an NVIDIA card `make demo` takes such a build where pip finds one, there or where
# pip's own settings say.

VENV := .venv
EXTRAS := test
READY := $(VENV)/ready
FILMS := $(VENV)/films
FINDS := for python in python3 python3.13 python3.12 python3.11; do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done
PYTHON ?= $(shell $(FINDS))

EXTENSION := grammar/vscode
TREE := grammar/tree-sitter-story
TREE_SITTER ?= tree-sitter
MODULES := $(EXTENSION)/node_modules/.package-lock.json

READY_FOR_DOCS := $(VENV)/ready-for-docs

# What pip is told: where else to look, and the lines of constraints.txt that a build for processors does without.
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--extra-index-url "$(TORCH_INDEX)")
OF_GPUS := ^(torch|torchvision|triton|nvidia-.*|cuda-.*)==
HAS_CARD := [ "$$(uname)" != Linux ] || [ -e /dev/nvidiactl ] || [ -e /dev/dxg ]

.PHONY: setup demo test lint docs browser grammar tree-sitter zed vsix test-vscode lock clean

demo: $(if $(wildcard $(READY)),$(READY),$(FILMS))
	@$(VENV)/bin/dreamrunner build stories/lantern.story
	@echo "The film is build/lantern/lantern.mp4, its storyboard build/lantern/storyboard.png."

# A file at a time goes to each process, so that what its tests share is made once.
test: setup
	@OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -q -n 2 --dist loadfile

lint: setup
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo

# Never fails: without a browser those tests are skipped, and say so.
browser:
	@[ -x "$${CHROMIUM:-/usr/bin/chromium}" ] || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  export DEBIAN_FRONTEND=noninteractive && timeout 90 apt-get -qq update && \
	  timeout 240 apt-get -qq install -y --no-install-recommends chromium >/dev/null; } || \
	  echo "No Chromium can be installed here: the tests of pages are skipped. CHROMIUM=... names one." >&2

docs: $(READY_FOR_DOCS)
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/python -m mkdocs build --strict --quiet
	@echo "The site is build/site; read it by: $(VENV)/bin/python -m http.server --directory build/site"

$(READY_FOR_DOCS): $(READY)
	@$(PIP) --editable ".[docs]" --constraint constraints.txt
	@touch $@

grammar: setup
	@$(VENV)/bin/python -c "from dreamrunner.language.parsing import lines, tables; tables.write(lines.STARTS)"

# Written for tree-sitter 0.22; editors of today read what it generates, and so do older ones.
tree-sitter:
	@command -v "$(TREE_SITTER)" >/dev/null || { \
	  echo "Install tree-sitter's command line tool, 0.22 or newer, or name it: make tree-sitter TREE_SITTER=/path/to/it" >&2; exit 1; }
	@cd $(TREE) && "$(TREE_SITTER)" generate --no-bindings --abi 14
	@cd $(TREE) && sha256sum grammar.js src/grammar.json src/node-types.json src/parser.c > src/made-of.sha256

# Zed takes grammars from a commit of a repository alone: what is there is the newest commit of this checkout.
zed:
	@rm -rf dist/zed && mkdir -p dist && cp -R grammar/zed dist/zed
	@cp $(TREE)/queries/highlights.scm $(TREE)/queries/injections.scm dist/zed/languages/story/
	@sed -e 's|REPOSITORY|file://$(CURDIR)|' -e "s|REVISION|$$(git rev-parse HEAD)|" grammar/zed/extension.toml > dist/zed/extension.toml
	@echo "dist/zed: in Zed, \"zed: install dev extension\" takes this folder."

setup: $(READY)

define MAKE_VENV
@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
  echo "DreamRunner needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
@"$(PYTHON)" -m venv $(VENV)
endef

# A stamp is written last: a set-up that was broken off begins again.
$(READY): pyproject.toml constraints.txt
	$(MAKE_VENV)
	@echo "Setting up $(VENV) with $(EXTRAS); this downloads some 3.5 GB and takes a few minutes."
	@$(PIP) --editable ".[$(EXTRAS)]" --constraint constraints.txt
	@touch $@ $(FILMS)

$(FILMS): pyproject.toml constraints.txt constraints-cpu.txt
	$(MAKE_VENV)
	@echo "Setting up $(VENV) with what films."
	@if ! { $(HAS_CARD); } && $(PIP) --no-deps "$$(grep '^torch==' constraints-cpu.txt)" 2>/dev/null; then \
	  echo "PyTorch is the build for processors; some 250 MB are left to download."; \
	  { grep -Ev '$(OF_GPUS)' constraints.txt; cat constraints-cpu.txt; } > $(VENV)/constraints.txt; \
	else \
	  echo "PyTorch is the build for GPUs: this downloads some 3 GB. TORCH_INDEX=... names a place of smaller ones."; \
	  cp constraints.txt $(VENV)/constraints.txt; \
	fi
	@$(PIP) --editable ".[film]" --constraint $(VENV)/constraints.txt
	@touch $@

vsix: $(MODULES)
	@npm run --silent --prefix $(EXTENSION) package

test-vscode: setup $(MODULES)
	@DREAMRUNNER="$(abspath $(VENV))/bin/dreamrunner" OMP_NUM_THREADS=1 npm run --silent --prefix $(EXTENSION) test

# npm writes this file last.
$(MODULES): $(EXTENSION)/package.json $(EXTENSION)/package-lock.json
	@node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null && command -v npm >/dev/null || { \
	  echo "The VS Code extension is built with Node 20 or newer and its npm; install them." >&2; exit 1; }
	@cd $(EXTENSION) && npm ci --silent
	@touch $@

# Writes down the versions that are installed now, after trying newer ones; EXTRAS=all,test,docs has all of them there.
lock: setup
	@$(VENV)/bin/python -m pip freeze --exclude-editable > constraints.txt
	@touch $(READY)

clean:
	@rm -rf $(VENV) build dist .pytest_cache .hypothesis .ruff_cache .mypy_cache .import_linter_cache $(EXTENSION)/node_modules $(EXTENSION)/out $(EXTENSION)/LICENSE
