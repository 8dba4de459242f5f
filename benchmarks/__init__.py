"""Measures speed and memory against the targets: `python -m benchmarks` writes RESULTS.md."""
