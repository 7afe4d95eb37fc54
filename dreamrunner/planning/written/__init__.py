"""The filled story beside the authored one: written, read again, merged."""
