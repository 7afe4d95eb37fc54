"""Stories made of prose: plain text, Markdown, and screenplays in Fountain's form."""
