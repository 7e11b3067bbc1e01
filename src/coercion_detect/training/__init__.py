"""Training: the data set, the heads, calibration, thresholds, export. Needs the extra ``research``."""
