"""How good the figures of a unit are: complete, in time, consistent; and acknowledging what is odd."""
