"""What a line was meant to say that the grammar can't read: habits of those who write, each with its mend."""
