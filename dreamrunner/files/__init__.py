"""Files, as every stage reads and writes them."""
