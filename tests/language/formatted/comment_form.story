#no blank
#  two blanks
##section
#
#!directive
scene garden
# ====
# no blank
#  two blanks
##section
#
#!directive
scene garden
