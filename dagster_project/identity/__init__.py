"""One customer out of many records: standardise, match, cluster, explain. Pure functions."""
