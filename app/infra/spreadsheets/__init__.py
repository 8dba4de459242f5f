"""Workbooks of officials: read safely, written plainly, and every mistake told with its sheet and cell."""
