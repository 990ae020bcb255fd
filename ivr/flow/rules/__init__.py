"""The rules of `ivr.flow.check`: each takes a project and yields problems."""
