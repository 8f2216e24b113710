"""Suites that decide whether a build may be published; one module per gated mart or control group."""
