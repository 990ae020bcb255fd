"""The node kinds, one file each. A file put into this folder is a kind; nothing else names it."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
