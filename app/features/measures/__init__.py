"""The catalogue of measures."""
