"""Calls that another controller has led: they are led on, or closed with the truth."""
