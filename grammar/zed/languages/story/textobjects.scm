; A scene is a function, who and what is in it a class.

(scene) @function.around
(character) @class.around
(prop) @class.around
(location) @class.around
(motion) @class.around
(comment)+ @comment.around
