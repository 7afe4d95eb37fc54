"""Films measured as the paper measures them (4.1, C): how far characters, texts, transitions and pictures are right.

The front door is :func:`~dreamrunner.evaluation.measuring.measure`. ``footage`` finds the scenes of a film and what was
planned of them, ``networks`` the models that look, ``formulas`` has what becomes of their vectors, ``tables`` writes it
down. Importing this loads no model's library.
"""
