"""Tests of flows as real calls: an Asterisk of their own, SIP phones, the same transcripts."""
