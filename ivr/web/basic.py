"""How a program says who it is, at each request: HTTP Basic."""

from __future__ import annotations

import base64

# Whoever runs the hotline; her password is made with it.
OPERATOR = "operator"


def authorization(user: str, password: str) -> str:
    """Return the Authorization header of a user."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
