"""Waits as they are now: how many there are, and what a caller is told of hers."""
