"""The commands, one file each; `ivr/cli.py` names them."""
