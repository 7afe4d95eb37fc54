"""One page of all that is known of a film."""
