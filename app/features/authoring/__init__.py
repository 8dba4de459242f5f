"""Criteria sets written by officials: as workbooks, and as texts."""
