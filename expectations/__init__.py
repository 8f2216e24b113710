"""Suites that decide whether a build may be published.

One module per gated mart or control group, nothing else.
"""
