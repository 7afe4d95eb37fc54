"""From a narration in English to events: what each entity does, when and where."""
