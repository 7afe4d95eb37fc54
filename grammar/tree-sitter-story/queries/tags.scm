; What can be jumped to by name.

(character name: (name) @name) @definition.class
(prop name: (name) @name) @definition.class
(location name: (name) @name) @definition.class
(motion name: (name) @name) @definition.function
(scene name: (name) @name) @definition.module

(beat entity: (name) @name) @reference.class
(beat motion: (name) @name) @reference.call
(property location: (name) @name) @reference.class
