"""``dreamrunner.toml``: what holds for the stories of a folder, and the user's own settings, in the same form."""
