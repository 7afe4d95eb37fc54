scene garden   
  duration 6s	 
# ====
scene garden
  duration 6s
