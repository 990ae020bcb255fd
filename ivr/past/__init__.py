"""Calls that were: told in plain words, and walked again through another version of their flow."""
