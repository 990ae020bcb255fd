"""Worlds a call can happen in: an Asterisk channel, a terminal, a script."""
