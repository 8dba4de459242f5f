"""What a change would do to the scores and ranks of running rounds."""
