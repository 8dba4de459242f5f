"""Findings of inspections and their recommendations."""
