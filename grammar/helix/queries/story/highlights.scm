; What a story looks like, by the names that the themes of Helix have. The same places as in the grammar's own queries.

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

(property word: _ @variable.other.member)
(property ["high" "low" "auto"] @constant.builtin)
(key_frame "at" @variable.other.member)
(entrance "enters" @variable.other.member)
(exit "leaves" @variable.other.member)
(speech ["says" "at"] @variable.other.member)

(character name: (name) @type)
(character base: (name) @type)
(prop name: (name) @type)
(prop base: (name) @type)
(location name: (name) @type)
(location base: (name) @type)
(motion name: (name) @function)
(scene name: (name) @namespace)

(beat entity: (name) @type)
(beat motion: (name) @function)
(property location: (name) @type)
(property value: (name) @constant)
(place) @constant.builtin

(text) @string
(path) @string.special.path
(escape_sequence) @constant.character.escape

[(number) (time) (size)] @constant.numeric

(span ".." @operator)
(box ["[" "]"] @punctuation.bracket)
(box "," @punctuation.delimiter)
