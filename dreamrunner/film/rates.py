"""How many pictures and samples of sound a second of film has."""

FILM_RATE = 24
"""Frames a second of the joined film; scenes of any rate are held or thinned to it."""

SAMPLE_RATE = 48_000
"""Samples of sound; a frame of the film divides it evenly."""
