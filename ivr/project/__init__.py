"""The project as it lies on disk: flows, prompts, tests and sounds, read and checked."""
