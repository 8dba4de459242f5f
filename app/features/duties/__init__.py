"""Duties beside the counts."""
