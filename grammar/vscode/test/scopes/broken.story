# SYNTAX TEST "source.dreamrunner" "lines that can't be read, and those after them"

character witch "a witch
#               ^ string.quoted.double.unclosed.dreamrunner invalid.illegal.unclosed-string.dreamrunner
#                ^^^^^^^ string.quoted.double.unclosed.dreamrunner
  looks "a witch"
# ^^^^^ meta.block.character.dreamrunner support.type.property-name.dreamrunner
  images
# ^^^^^^ support.type.property-name.dreamrunner
    "refs/*.png"
#   ^^^^^^^^^^^^ string.quoted.double.dreamrunner
  images "ends with a backslash \"
#        ^ invalid.illegal.unclosed-string.dreamrunner

character dog "a \t tab"
#                ^^ string.quoted.double.dreamrunner invalid.illegal.escape.dreamrunner

character
# <--------- meta.block.character.dreamrunner keyword.control.character.dreamrunner
character "witch"
#         ^^^^^^^ string.quoted.double.dreamrunner - entity.name.type.character.dreamrunner
characters witch
# <---------- - keyword.control.character.dreamrunner

scene garden
  witch walking 0s..3
#                   ^ constant.numeric.dreamrunner - constant.numeric.time.dreamrunner
  witch walking 0s..3sec
#                   ^^^^ invalid.illegal.unexpected.dreamrunner
  witch waving 0s-3s
#              ^^^^^ invalid.illegal.unexpected.dreamrunner
    at 0s [0.1 0.2 0.5
#         ^ punctuation.definition.box.begin.dreamrunner
#          ^^^ meta.box.dreamrunner constant.numeric.dreamrunner
    at 1s [0.1 a 0.5 1..2]
#      ^^ meta.beat-part.dreamrunner constant.numeric.time.dreamrunner - meta.box.dreamrunner
#              ^ meta.box.dreamrunner invalid.illegal.number.dreamrunner
    at 2s (0.1 0.2)
#         ^^^^ invalid.illegal.unexpected.dreamrunner
    at 3s [0.1 "text"
#              ^^^^^^ string.quoted.double.dreamrunner - meta.box.dreamrunner
    at 3s 0.1]
#            ^ invalid.illegal.unexpected.dreamrunner
  duration: 6s
# ^^^^^^^^ support.type.property-name.dreamrunner
#         ^ invalid.illegal.unexpected.dreamrunner
#           ^^ constant.numeric.time.dreamrunner
  size 720x
#      ^^^^ - constant.numeric.size.dreamrunner
  scene kitchen
# ^^^^^ invalid.illegal.indented-block.dreamrunner
  wítch walking
# ^^^^^ - entity.name.type.entity.dreamrunner
#  ^^^^ invalid.illegal.unexpected.dreamrunner

sceen kitchen
# <----- meta.block.astray.dreamrunner - keyword.control.scene.dreamrunner
  background "a kitchen"
# ^^^^^^^^^^ meta.block.astray.dreamrunner support.type.property-name.dreamrunner
  looks "a cook"
# ^^^^^ support.type.property-name.dreamrunner
  cook stirring
# ^^^^ entity.name.type.entity.dreamrunner
#      ^^^^^^^^ entity.name.function.motion.dreamrunner
    at 0s left
#         ^^^^ constant.language.place.dreamrunner

scene hall
duration 6s
# <-------- meta.block.astray.dreamrunner support.type.property-name.dreamrunner
#        ^^ constant.numeric.time.dreamrunner
  camera "still"
# ^^^^^^ support.type.property-name.dreamrunner

scene end
  narration """
    never closed
scene after
# <----- string.quoted.triple.dreamrunner
