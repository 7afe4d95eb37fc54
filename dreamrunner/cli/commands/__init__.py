"""The commands, a module for each with its name; :mod:`dreamrunner.cli.command_table` lists them."""
