"""One call served: how it begins, the world around it, and what is kept at its end."""
