"""The scorers: texts in, calibrated log-odds out. Both give the same numbers."""
