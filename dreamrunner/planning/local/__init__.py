"""Planning by an instruction model on this machine: its folder, the form it is held to, its answers."""
