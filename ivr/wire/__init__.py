"""Bytes to meaning and back, with no I/O: what is spoken with Asterisk over a socket."""
