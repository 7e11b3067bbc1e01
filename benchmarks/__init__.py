"""Measure speed, memory, size and quality of this project beside its peers: ``python -m benchmarks``."""
