"""What the rules know of English: words, their forms and parts, clauses, and who is called what."""
