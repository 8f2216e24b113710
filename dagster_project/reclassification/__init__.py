"""Rules that move customers between segments: read, checked, evaluated and replayed, purely."""
