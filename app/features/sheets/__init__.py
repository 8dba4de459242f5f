"""Score sheets: who holds them, submission and return."""
