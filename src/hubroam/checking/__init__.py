"""Checks of books: builds the recipe and runs every page as a reader would."""

from hubroam.checking.checker import Wishes, check
from hubroam.checking.junit import to_junit
from hubroam.checking.report import Finding, PageError, PageReport, Report
from hubroam.checking.running import Limits

__all__ = ["Finding", "Limits", "PageError", "PageReport", "Report", "Wishes", "check", "to_junit"]
