"""Sheets and reports as officials print them."""
