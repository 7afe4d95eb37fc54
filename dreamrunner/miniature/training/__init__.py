"""How the miniature's weights were trained. Only its own scripts import this."""
