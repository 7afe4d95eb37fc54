"""The kinds of task that a film takes: rendering, speech, and what makes files of frames."""
