"""Calls in simulated time: what is given, what a caller does, what she hears, and is it right."""
