"""The audit log, read and verified."""
