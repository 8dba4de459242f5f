"""Reference data, criteria sets and examples that ship with the service."""
