"""Commands of their own: one file each; `ivr/cli.py` names them."""
