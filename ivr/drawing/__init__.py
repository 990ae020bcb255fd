"""Flows as pictures: what leads where, as Mermaid text, as SVG, and as a page of a project."""
