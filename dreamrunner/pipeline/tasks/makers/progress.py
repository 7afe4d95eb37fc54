"""What makers with steps say of how far they are."""

BEGUN = 1e-6
"""How far a task is that has loaded what it works with and has done no step. 0 would say that it has just loaded it."""
