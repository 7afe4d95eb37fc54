; Notes in comments (TODO, FIXME) are shown as elsewhere.

((comment) @injection.content
  (#set! injection.language "comment"))
