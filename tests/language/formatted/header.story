story   "A day"
    language   1
    size   720x480
    model   "a/model"
    planner  gpt-4o
# ====
story "A day"
  language 1
  size 720x480
  model "a/model"
  planner gpt-4o
