"""Read any book, compute on your own hub."""

from importlib.metadata import version

__version__ = version("hubroam")
