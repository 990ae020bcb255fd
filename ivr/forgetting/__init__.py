"""What is deleted: what is old, and what is known of a number, wherever it lies."""
