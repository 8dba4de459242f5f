"""Criteria sets: documents that a round is scored against."""
