scene garden
	duration 6s
	cat sitting
		at 0s left
# ====
scene garden
  duration 6s
  cat sitting
    at 0s left
