"""Promised calls back: booked where they can be kept, and made."""
