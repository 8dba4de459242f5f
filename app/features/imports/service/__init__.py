"""Imports: from the file to the figures."""
