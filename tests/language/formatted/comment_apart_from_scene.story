character cat "a cat"
# Nobody else.

scene garden
# ====
character cat "a cat"
# Nobody else.

scene garden
