"""One page of all that is known of a film, to be sent to somebody.

``gathering`` finds it, as values without a place on this machine; ``page`` writes it down. Importing this loads no
model's library.
"""
