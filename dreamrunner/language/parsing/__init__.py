"""From text to syntax: lookalikes, lines, one line at a time, a file; :mod:`.mistakes` says what was meant."""
