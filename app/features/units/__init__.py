"""Units: a registry with dated versions."""
