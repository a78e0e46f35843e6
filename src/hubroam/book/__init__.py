"""Books: the launch control on every page that can run."""

from hubroam.book.launch import LaunchSettings, PageLaunch
from hubroam.book.repository import Checkout, read_repository

__all__ = ["Checkout", "LaunchSettings", "PageLaunch", "read_repository"]
