"""Commands that find clips, and learn from them and from photos."""
