"""From a narration in English to events: who does what to whom, when and where."""
