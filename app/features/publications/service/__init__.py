"""Publications: made once, then read and verified by anybody."""
