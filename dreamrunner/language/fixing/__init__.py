"""What mends a mistake: the fixes of a diagnostic, and a text with them. ``check --fix`` and editors take them here."""
