character cat   "eine Katze – größer als 🐈"   # schön
# ====
character cat "eine Katze – größer als 🐈"  # schön
