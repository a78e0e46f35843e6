"""Which of the environment's kernels runs a page, as JupyterLab chooses it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from hubroam.checking.pages import Page
from hubroam.checking.report import Finding, PageError


def kernels_of(prefix: Path) -> dict[str, str]:
    """The kernels of an environment: for each name its language, in small letters.

    Args:
        prefix: The environment's prefix.
    """
    found = {}
    for path in sorted((prefix / "share/jupyter/kernels").glob("*/kernel.json")):
        try:
            found[path.parent.name] = str(json.loads(path.read_bytes()).get("language", "")).lower()
        except (OSError, ValueError, AttributeError):
            continue
    return found


def choose_kernel(
    page: Page, kernels: Mapping[str, str]
) -> tuple[str | None, Finding | None, PageError | None]:
    """Choose by JupyterLab's rule: by name, else the only kernel of the page's language.

    Args:
        page: The page.
        kernels: What the environment has.

    Returns:
        The kernel; what the author should know of it; why there is none.
    """
    if page.kernel in kernels:
        return page.kernel, None, None
    there = ", ".join(kernels)
    mend = (
        "Open it in JupyterLab, choose the kernel and save it."
        if page.path.endswith(".ipynb")
        else "Name the kernel in its frontmatter: kernelspec, with name: python3."
    )
    if page.kernel is None and page.language is None:
        default = "python3" if "python3" in kernels else next(iter(kernels))
        finding = Finding(
            "kernel-not-named",
            "warning",
            f"{page.path} names no kernel, so JupyterLab will ask readers for one; it was run "
            f"with {default}.",
            mend,
            page.path,
        )
        return default, finding, None
    language = page.language or _language_of(page.kernel or "")
    alike = [name for name, its in kernels.items() if its == language]
    if len(alike) == 1 and page.kernel is None:
        return alike[0], None, None
    if len(alike) == 1:
        finding = Finding(
            "kernel-not-there",
            "warning",
            f"{page.path} asks for the kernel {page.kernel}, which the environment does not have; "
            f"JupyterLab takes {alike[0]} in its place.",
            mend,
            page.path,
        )
        return alike[0], finding, None
    wanted = f"{page.kernel} ({language})" if language and page.kernel else page.kernel or language
    error = PageError(
        f"It asks for the kernel {wanted}, which the environment does not have.",
        f"Readers are asked to choose another: the environment has {there}. Let the recipe bring "
        "the kernel, or launch on a hub whose builder honours a recipe for it.",
    )
    return None, None, error


def _language_of(kernel: str) -> str:
    """The language that a kernel's usual name tells of."""
    known = {"ir": "r", "python": "python", "conda": "python", "julia": "julia"}
    return next((its for start, its in known.items() if kernel.lower().startswith(start)), kernel)
