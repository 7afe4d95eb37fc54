# SYNTAX TEST "source.dreamrunner" "texts, escapes, comments"

# a comment, with "quotes" and [brackets]
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ comment.line.number-sign.dreamrunner - string.quoted.double.dreamrunner
character witch "she said \"hello\\\" there\n"  # not "a text"
#               ^ string.quoted.double.dreamrunner punctuation.definition.string.begin.dreamrunner
#                         ^^ string.quoted.double.dreamrunner constant.character.escape.dreamrunner
#                                ^^ constant.character.escape.dreamrunner
#                                  ^^ constant.character.escape.dreamrunner
#                                     ^^^^^ string.quoted.double.dreamrunner
#                                          ^^ constant.character.escape.dreamrunner
#                                            ^ punctuation.definition.string.end.dreamrunner
#                                               ^^^^^^^^^^^^^^ comment.line.number-sign.dreamrunner
character cat "# not a comment" # a comment
#             ^^^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner - comment.line.number-sign.dreamrunner
#                               ^^^^^^^^^^^ comment.line.number-sign.dreamrunner
character empty ""
#               ^ punctuation.definition.string.begin.dreamrunner
#                ^ punctuation.definition.string.end.dreamrunner

scene garden
  narration """
#           ^^^ string.quoted.triple.dreamrunner punctuation.definition.string.begin.dreamrunner
    The witch said "good night" \n and left.
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ string.quoted.triple.dreamrunner - constant.character.escape.dreamrunner
    duration 7s [0 0 1 1]
#   ^^^^^^^^^^^^^^^^^^^^^ string.quoted.triple.dreamrunner - support.type.property-name.dreamrunner
scene is not a scene here
# <----- meta.block.scene.dreamrunner string.quoted.triple.dreamrunner - keyword.control.scene.dreamrunner
    """  # after it
#   ^^^ string.quoted.triple.dreamrunner punctuation.definition.string.end.dreamrunner
#        ^^^^^^^^^^ comment.line.number-sign.dreamrunner - string.quoted.triple.dreamrunner
  duration 6s
# ^^^^^^^^ meta.block.scene.dreamrunner support.type.property-name.dreamrunner
# a comment in the first column doesn't end a block
# <------------------------------------------------- comment.line.number-sign.dreamrunner
  camera "still"
# ^^^^^^ meta.block.scene.dreamrunner support.type.property-name.dreamrunner
  background """one line"""
#            ^^^ punctuation.definition.string.begin.dreamrunner
#               ^^^^^^^^ string.quoted.triple.dreamrunner
#                       ^^^ punctuation.definition.string.end.dreamrunner
  witch walking 0s..3s """
    is walking
    """
  cat sitting
# ^^^ meta.block.scene.dreamrunner meta.beat.dreamrunner entity.name.type.entity.dreamrunner

story "Blank lines end nothing"

  seed 1
# ^^^^ meta.block.story.dreamrunner support.type.property-name.dreamrunner
