"""One file for each family of models: a new one is a file here whose ``FAMILY`` follows the Protocol of
:mod:`dreamrunner.backbones.family`. The table finds it; nothing else names it. The rows of its models may stand beside
it, in a file that is called the same with ``_rows``.
"""
