"""Planning by a chat model: prompts, calls, checked answers, what they cost."""
