"""Films held to their scripts: who was seen where, when, and doing what; from frames and plan to marks."""
