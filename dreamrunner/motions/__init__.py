"""Motions: from a phrase to the clips that show it (paper 3.2, A.1)."""
