"""What our parts write of what they do: in which lines, into which file, and when it cannot be."""
