"""Dossier statistics and measures."""
