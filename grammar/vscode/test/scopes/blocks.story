# SYNTAX TEST "source.dreamrunner" "heads, and the words that are reserved in each block"

use "cast.story"  # other files
# <--- source.dreamrunner meta.use.dreamrunner keyword.control.use.dreamrunner
#   ^^^^^^^^^^^^ string.quoted.double.dreamrunner
#                 ^^^^^^^^^^^^^ comment.line.number-sign.dreamrunner

story "A Witch's Day"
# <----- source.dreamrunner meta.block.story.dreamrunner keyword.control.story.dreamrunner
#     ^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
  language 1
# ^^^^^^^^ meta.block.story.dreamrunner support.type.property-name.dreamrunner
#          ^ constant.numeric.dreamrunner
  topic "one day"
# ^^^^^ support.type.property-name.dreamrunner
  style "watercolour"
# ^^^^^ support.type.property-name.dreamrunner
  model cogvideox-2b
# ^^^^^ support.type.property-name.dreamrunner
#       ^^^^^^^^^^^^ constant.other.choice.dreamrunner
  model "a/path"
#       ^^^^^^^^ string.quoted.double.dreamrunner
  seed 7
# ^^^^ support.type.property-name.dreamrunner
#      ^ constant.numeric.dreamrunner
  size 720x480
# ^^^^ support.type.property-name.dreamrunner
#      ^^^^^^^ constant.numeric.size.dreamrunner
  planner gpt-4o
# ^^^^^^^ support.type.property-name.dreamrunner
#         ^^^^^^ constant.other.choice.dreamrunner
  catalog miniature
# ^^^^^^^ support.type.property-name.dreamrunner
#         ^^^^^^^^^ constant.other.choice.dreamrunner
  catalog none
# ^^^^^^^ support.type.property-name.dreamrunner
#         ^^^^ constant.other.choice.dreamrunner
  lora "loras/style.safetensors" 0.8
# ^^^^ support.type.property-name.dreamrunner
#      ^^^^^^^^^^^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
#                                ^^^ constant.numeric.dreamrunner
  lora high "loras/style.safetensors"
# ^^^^ support.type.property-name.dreamrunner
#      ^^^^ constant.other.choice.dreamrunner
#           ^^^^^^^^^^^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
  looks "not a word of the header"
# ^^^^^ meta.block.story.dreamrunner - support.type.property-name.dreamrunner
  narration "nor this"
# ^^^^^^^^^ meta.block.story.dreamrunner - support.type.property-name.dreamrunner

character witch
# <--------- source.dreamrunner meta.block.character.dreamrunner keyword.control.character.dreamrunner
#         ^^^^^ entity.name.type.character.dreamrunner
  looks "a girl witch"
# ^^^^^ meta.block.character.dreamrunner support.type.property-name.dreamrunner
  images "refs/witch/*.png" "refs/*.jpg"
# ^^^^^^ support.type.property-name.dreamrunner
#        ^^^^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
#                          ^ - string.quoted.double.dreamrunner
#                           ^^^^^^^^^^^^ string.quoted.double.dreamrunner
  lora "loras/witch.safetensors" 0.8
# ^^^^ support.type.property-name.dreamrunner
#                                ^^^ constant.numeric.dreamrunner
  query "not a word of a character"
# ^^^^^ meta.block.character.dreamrunner - support.type.property-name.dreamrunner

character old_cat-2 "an orange cat"
#         ^^^^^^^^^ entity.name.type.character.dreamrunner
#                   ^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
character dog looks "a dog"
#         ^^^ entity.name.type.character.dreamrunner
#             ^^^^^ support.type.property-name.dreamrunner
character character
# <--------- keyword.control.character.dreamrunner
#         ^^^^^^^^^ entity.name.type.character.dreamrunner - keyword.control.character.dreamrunner
character looks looks "words are names where a name belongs"
#         ^^^^^ entity.name.type.character.dreamrunner
#               ^^^^^ support.type.property-name.dreamrunner

prop flowers "luminous flowers"
# <---- source.dreamrunner meta.block.prop.dreamrunner keyword.control.prop.dreamrunner
#    ^^^^^^^ entity.name.type.prop.dreamrunner
#            ^^^^^^^^^^^^^^^^^^ string.quoted.double.dreamrunner
prop pot looks "a pot"
#        ^^^^^ support.type.property-name.dreamrunner
prop pot
  looks "a pot"
# ^^^^^ meta.block.prop.dreamrunner support.type.property-name.dreamrunner
  images "not for a prop"
# ^^^^^^ meta.block.prop.dreamrunner - support.type.property-name.dreamrunner
  lora "nor this"
# ^^^^ meta.block.prop.dreamrunner - support.type.property-name.dreamrunner

character crone from witch looks "an old witch"
#         ^^^^^ entity.name.type.character.dreamrunner
#               ^^^^ support.type.property-name.dreamrunner
#                    ^^^^^ entity.name.type.character.dreamrunner
#                          ^^^^^ support.type.property-name.dreamrunner
prop pan from pot "a pan"
#        ^^^^ support.type.property-name.dreamrunner
#             ^^^ entity.name.type.prop.dreamrunner
#                 ^^^^^^^ string.quoted.double.dreamrunner

location kitchen
# <-------- source.dreamrunner meta.block.location.dreamrunner keyword.control.location.dreamrunner
#        ^^^^^^^ entity.name.type.location.dreamrunner
  looks "a kitchen"
# ^^^^^ meta.block.location.dreamrunner support.type.property-name.dreamrunner
  images "refs/kitchen/*.jpg"
# ^^^^^^ support.type.property-name.dreamrunner
  lora "loras/kitchen.safetensors" 0.8
# ^^^^ support.type.property-name.dreamrunner
  query "not a word of a location"
# ^^^^^ meta.block.location.dreamrunner - support.type.property-name.dreamrunner
location cellar from kitchen
#        ^^^^^^ entity.name.type.location.dreamrunner
#               ^^^^ support.type.property-name.dreamrunner
#                    ^^^^^^^ entity.name.type.location.dreamrunner

motion stirring
# <------ source.dreamrunner meta.block.motion.dreamrunner keyword.control.motion.dreamrunner
#      ^^^^^^^^ entity.name.function.motion.dreamrunner
  query "person is stirring a pot"
# ^^^^^ meta.block.motion.dreamrunner support.type.property-name.dreamrunner
  clips "clips/*.mp4"
# ^^^^^ support.type.property-name.dreamrunner
  lora "flying.safetensors" 1
# ^^^^ support.type.property-name.dreamrunner
#                           ^ constant.numeric.dreamrunner
  looks "not a word of a motion"
# ^^^^^ meta.block.motion.dreamrunner - support.type.property-name.dreamrunner
motion waving clips "clips/waving/*.mp4"
#             ^^^^^ support.type.property-name.dreamrunner

scene garden
# <----- source.dreamrunner meta.block.scene.dreamrunner keyword.control.scene.dreamrunner
#     ^^^^^^ entity.name.section.scene.dreamrunner
  background "a garden"
# ^^^^^^^^^^ meta.block.scene.dreamrunner support.type.property-name.dreamrunner
  narration "The witch walks."
# ^^^^^^^^^ support.type.property-name.dreamrunner
  duration 6s
# ^^^^^^^^ support.type.property-name.dreamrunner
#          ^^ constant.numeric.time.dreamrunner
#           ^ keyword.other.unit.dreamrunner
  duration auto
#          ^^^^ constant.other.choice.dreamrunner
  transition fade 0.5s
# ^^^^^^^^^^ support.type.property-name.dreamrunner
#            ^^^^ constant.other.choice.dreamrunner
#                 ^^^^ constant.numeric.time.dreamrunner
  avoid "text, watermark"
# ^^^^^ support.type.property-name.dreamrunner
  camera "slow push in"
# ^^^^^^ support.type.property-name.dreamrunner
  seed 3
# ^^^^ support.type.property-name.dreamrunner
  in kitchen
# ^^ support.type.property-name.dreamrunner
#    ^^^^^^^ entity.name.type.location.dreamrunner
  takes 4
# ^^^^^ support.type.property-name.dreamrunner
#       ^ constant.numeric.dreamrunner
  from "3f9a" gpt-4o
# ^^^^ support.type.property-name.dreamrunner
#      ^^^^^^ string.quoted.double.dreamrunner
#             ^^^^^^ constant.other.choice.dreamrunner
