"""The scorer: folded texts in, calibrated log-odds out."""
