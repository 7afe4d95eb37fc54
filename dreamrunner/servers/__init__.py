"""Servers of models that speak OpenAI's protocol: asking one, asking again, and what a refusal means."""
