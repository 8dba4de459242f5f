"""Imports: a file is rehearsed, shown with its effects, and committed as it was rehearsed."""
