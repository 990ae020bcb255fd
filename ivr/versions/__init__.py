"""Versions of the flows: saved, published, made ready, and which of them lead new calls."""
