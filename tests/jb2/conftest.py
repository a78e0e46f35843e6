"""The browser of the other browser tests."""

from browser.conftest import browser, browsers, new_page

__all__ = ["browser", "browsers", "new_page"]
