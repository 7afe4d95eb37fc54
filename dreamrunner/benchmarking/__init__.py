"""Public benchmarks: their files read, filmed as stories, and laid out as their scorers want the videos.

:mod:`.t2v_compbench`, :mod:`.storyeval` and :mod:`.vistorybench` read the files of one each; :mod:`.filming` films what
they give, and :mod:`.foreseeing` says what that would take.
"""
