"""Dossier counts as they are read: by unit, field of procedure, tree and period, and as inputs of rules."""
