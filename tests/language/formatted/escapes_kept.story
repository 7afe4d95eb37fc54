scene garden
  narration "a \"word\", a \\ and\na new line"
