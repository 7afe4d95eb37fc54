"""How the second edition's weights are trained. Only its own scripts import this."""
