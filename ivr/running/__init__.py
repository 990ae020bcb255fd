"""A hotline as processes: its parts, whose turn it is, and how it is started, asked and ended."""
