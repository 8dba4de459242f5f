"""Score sheets: points in, append-only."""
