"""The controller put together, in the order in which it starts: the only place that constructs."""
