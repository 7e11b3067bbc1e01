"""Evaluation: measures with intervals, the model card, reports. Needs the extra ``research``."""
