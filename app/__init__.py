"""The PAR index service."""
