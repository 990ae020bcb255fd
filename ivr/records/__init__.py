"""What is kept of calls that are over: records, recorded talks, and what has yet to be written."""
