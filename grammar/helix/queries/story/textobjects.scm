; A scene is a function, who and what is in it a class, a beat an entry.

(scene) @function.around
(character) @class.around
(prop) @class.around
(location) @class.around
(motion) @class.around
(beat) @entry.around

(comment) @comment.inside
(comment)+ @comment.around
