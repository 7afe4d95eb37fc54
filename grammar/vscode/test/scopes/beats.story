# SYNTAX TEST "source.dreamrunner" "beats, spans, key frames, boxes, places"

scene garden
  witch walking 0s..3s "A girl witch is walking"
# ^^^^^ meta.block.scene.dreamrunner meta.beat.dreamrunner entity.name.type.entity.dreamrunner
#       ^^^^^^^ meta.beat.dreamrunner entity.name.function.motion.dreamrunner
#               ^^ constant.numeric.time.dreamrunner
#                ^ constant.numeric.time.dreamrunner keyword.other.unit.dreamrunner
#                 ^^ keyword.operator.span.dreamrunner
#                   ^^ constant.numeric.time.dreamrunner
#                      ^^^^^^^^^^^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
    at 0s [0.6 0.0 1.0 0.8]
#   ^^ meta.beat-part.dreamrunner support.type.property-name.dreamrunner
#      ^^ constant.numeric.time.dreamrunner
#         ^^^^^^^^^^^^^^^^^ meta.beat-part.dreamrunner meta.box.dreamrunner
#         ^ punctuation.definition.box.begin.dreamrunner
#          ^^^ constant.numeric.dreamrunner
#             ^ - constant.numeric.dreamrunner
#              ^^^ constant.numeric.dreamrunner
#                  ^^^ constant.numeric.dreamrunner
#                      ^^^ constant.numeric.dreamrunner
#                         ^ punctuation.definition.box.end.dreamrunner
    at 2.5s [.5, 0,0.9 , 1] # with commas
#      ^^^^ constant.numeric.time.dreamrunner
#            ^^ constant.numeric.dreamrunner
#              ^ meta.box.dreamrunner punctuation.separator.comma.dreamrunner
#                ^ constant.numeric.dreamrunner
#                 ^ punctuation.separator.comma.dreamrunner
#                  ^^^ constant.numeric.dreamrunner
#                      ^ punctuation.separator.comma.dreamrunner
#                          ^ - meta.box.dreamrunner
#                           ^^^^^^^^^^^^^ comment.line.number-sign.dreamrunner
  witch waving .5s .. 6s
#              ^^^ constant.numeric.time.dreamrunner
#                  ^^ keyword.operator.span.dreamrunner
#                     ^^ constant.numeric.time.dreamrunner
  cat sitting
# ^^^ entity.name.type.entity.dreamrunner
#     ^^^^^^^ entity.name.function.motion.dreamrunner
    at 0s left
#         ^^^^ meta.beat-part.dreamrunner constant.language.place.dreamrunner
    at 1s top-left
#         ^^^^^^^^ constant.language.place.dreamrunner
    at 2s bottom-right
#         ^^^^^^^^^^^^ constant.language.place.dreamrunner
    at 3s whole
#         ^^^^^ constant.language.place.dreamrunner
    at 4s top
#         ^^^ constant.language.place.dreamrunner
    at 5s top-lefty
#         ^^^^^^^^^ - constant.language.place.dreamrunner
    at 6s leftwards
#         ^^^^^^^^^ - constant.language.place.dreamrunner
  flowers
# ^^^^^^^ entity.name.type.entity.dreamrunner
  flowers 1s..2s
# ^^^^^^^ entity.name.type.entity.dreamrunner
#         ^^ constant.numeric.time.dreamrunner - entity.name.function.motion.dreamrunner
  flowers "luminous flowers"
# ^^^^^^^ entity.name.type.entity.dreamrunner
#         ^^^^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
  left left
# ^^^^ entity.name.type.entity.dreamrunner - constant.language.place.dreamrunner
#      ^^^^ entity.name.function.motion.dreamrunner - constant.language.place.dreamrunner
  looks query
# ^^^^^ entity.name.type.entity.dreamrunner - support.type.property-name.dreamrunner
#       ^^^^^ entity.name.function.motion.dreamrunner
  witch at
#       ^^ entity.name.function.motion.dreamrunner - support.type.property-name.dreamrunner
  background-artist seed
# ^^^^^^^^^^^^^^^^^ entity.name.type.entity.dreamrunner - support.type.property-name.dreamrunner
#                   ^^^^ entity.name.function.motion.dreamrunner - support.type.property-name.dreamrunner
  at_home
# ^^^^^^^ entity.name.type.entity.dreamrunner - support.type.property-name.dreamrunner
	cat	sleeping	1s..2s
#^^^ entity.name.type.entity.dreamrunner
#    ^^^^^^^^ entity.name.function.motion.dreamrunner
    says "Soup is ready!" at 1s # soon
#   ^^^^ meta.beat-part.dreamrunner support.type.property-name.dreamrunner
#        ^^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
#                         ^^ support.type.property-name.dreamrunner
#                            ^^ constant.numeric.time.dreamrunner
#                               ^^^^^^ comment.line.number-sign.dreamrunner
    says "left at 1s"
#         ^^^^^^^^^^ - constant.numeric.time.dreamrunner
    enters left
#   ^^^^^^ meta.beat-part.dreamrunner support.type.property-name.dreamrunner
#          ^^^^ constant.language.place.dreamrunner
    leaves top # up and away
#   ^^^^^^ support.type.property-name.dreamrunner
#          ^^^ constant.language.place.dreamrunner
#              ^^^^^^^^^^^^^ comment.line.number-sign.dreamrunner
    at 2s [-0.3 0 0.5 1]
#          ^^^^ constant.numeric.dreamrunner
  inside entering
# ^^^^^^ entity.name.type.entity.dreamrunner - support.type.property-name.dreamrunner
