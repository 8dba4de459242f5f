"""Indices explained: every number down to the rule, its inputs and the law."""
