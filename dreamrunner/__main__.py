"""``python -m dreamrunner``: the same as the ``dreamrunner`` command."""

from dreamrunner.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
