"""The FastAGI server: one socket for each call, and what is said over it."""
