"""Rules of dossier counts: what figures break, and who said why it stands."""
