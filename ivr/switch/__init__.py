"""The softswitch: an Asterisk of our own, its configuration, and its life."""
