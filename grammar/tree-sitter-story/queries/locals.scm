; What is declared in a story, and where it is named.

(document) @local.scope

(character name: (name) @local.definition)
(prop name: (name) @local.definition)
(location name: (name) @local.definition)
(motion name: (name) @local.definition)
(scene name: (name) @local.definition)

(character base: (name) @local.reference)
(prop base: (name) @local.reference)
(location base: (name) @local.reference)
(beat entity: (name) @local.reference)
(beat motion: (name) @local.reference)
(property location: (name) @local.reference)
