"""What a command shows: bars on a terminal, plain lines elsewhere, or JSON."""
