"""Rankings in full, as files too, and what changed from one round to another."""
