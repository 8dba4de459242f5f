"""What a version of a criteria set changed, and which rounds it touches."""
