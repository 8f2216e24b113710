"""Scores, the reclassification engine and its bitemporal history."""
