"""What is said beside a flow: to all who call, to those who wait, to a caller and her agent."""
