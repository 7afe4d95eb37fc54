"""Serving programs: by the Model Context Protocol, and what is written for them to read."""
