(story "story" @context title: (text) @name) @item
(character "character" @context name: (name) @name) @item
(prop "prop" @context name: (name) @name) @item
(location "location" @context name: (name) @name) @item
(motion "motion" @context name: (name) @name) @item
(scene "scene" @context name: (name) @name) @item
(beat entity: (name) @name motion: (name)? @context) @item
