"""Judging a scheme before anyone approves it: attributes, weights, fitness, stability, history.

What a scheme decides about a customer belongs in ``dagster_project/segmentation``.
"""
