"""Films of small frames stay small while tests run.

A film of 32x32 pixels is enlarged to 480x480, and most of a small build's time goes into coding that. Importing this
module lets frames be enlarged to 96 lines at most, in this process. `tests/film` tests the true height.
"""

from dreamrunner.film import encode

TRUE_HEIGHT = encode.SHOWN_HEIGHT
"""What frames are enlarged to for somebody who watches, in pixels."""

HEIGHT = 96
"""What they are enlarged to here: the bundled model's are 64."""

encode.SHOWN_HEIGHT = HEIGHT
