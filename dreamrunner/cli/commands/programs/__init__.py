"""Commands that other programs run: editors, shells, agents."""
