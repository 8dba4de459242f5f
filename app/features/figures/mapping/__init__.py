"""Rows -> counts of units and of trees of units."""
