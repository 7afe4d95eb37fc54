

story "A day"



  seed 1


scene garden



  seed 2


# ====
story "A day"

  seed 1

scene garden

  seed 2
