"""Assessment rounds and their states."""
