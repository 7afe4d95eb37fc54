"""One file for each family of models: a new one is a file here whose ``FAMILY`` follows the Protocol of
:mod:`dreamrunner.backbones.family`. The table finds it; nothing else names it. What else it has, such as the rows
of its models, stands beside it in files that are called the same with more behind an underscore, as ``NAME_rows``.
"""
