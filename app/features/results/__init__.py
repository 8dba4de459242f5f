"""Indices and rankings, computed when asked for."""
