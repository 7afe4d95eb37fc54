; What a story looks like. No two patterns are about one place, so that their order does not matter.

((comment) @comment
  (#not-match? @comment "^#[ \t]*ignore:"))
; a comment that answers a warning
((comment) @keyword.directive
  (#match? @keyword.directive "^#[ \t]*ignore:"))

(use "use" @keyword)
(story "story" @keyword)
(character ["character" "from"] @keyword)
(prop ["prop" "from"] @keyword)
(location ["location" "from"] @keyword)
(motion "motion" @keyword)
(scene "scene" @keyword)

(property word: _ @property)
(property ["high" "low" "auto"] @constant.builtin)
(key_frame "at" @property)
(entrance "enters" @property)
(exit "leaves" @property)
(speech ["says" "at"] @property)

(character name: (name) @type)
(character base: (name) @type)
(prop name: (name) @type)
(prop base: (name) @type)
(location name: (name) @type)
(location base: (name) @type)
(motion name: (name) @function)
(scene name: (name) @module)

(beat entity: (name) @type)
(beat motion: (name) @function)
(property location: (name) @type)
(property value: (name) @constant)
(place) @constant.builtin

(text) @string
(path) @string.special.path
(escape_sequence) @string.escape

[(number) (time) (size)] @number

(span ".." @operator)
(box ["[" "]"] @punctuation.bracket)
(box "," @punctuation.delimiter)
