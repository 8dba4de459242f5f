"""Clients: API keys, what they may do, and until when."""
