"""What Dagster registers, and nothing else: each module here is loaded by `definitions.py`.

Logic lives in the packages beside this one, so that it can be tested without Dagster.
"""
