"""From what the entities of a scene do to where their boxes are."""
