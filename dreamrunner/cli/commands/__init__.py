"""The commands, a module for each with its name; :mod:`dreamrunner.cli.table` lists them."""
