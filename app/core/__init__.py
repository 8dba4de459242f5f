"""Pure rules of the PAR index: no clock, no chance, no input or output."""

ENGINE_VERSION = 3
"""Bumped whenever any number that the core computes changes."""
