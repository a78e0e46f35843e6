"""What a Sphinx book's configuration says of its repository, for any launch button."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubroam.book.launch import LaunchSettings
from hubroam.book.repository import Checkout
from hubroam.errors import LaunchSettingsError

if TYPE_CHECKING:
    from sphinx.config import Config

# pydata-sphinx-theme's, furo's and Read the Docs' names for the same three things
_FORGES = {
    "github": "https://github.com",
    "gitlab": "https://gitlab.com",
    "bitbucket": "https://bitbucket.org",
}
_FOLDERS = (
    ("html_theme_options", "path_to_docs"),
    ("html_theme_options", "source_directory"),
    ("html_context", "doc_path"),
    ("html_context", "conf_py_path"),
)

Source = tuple[str, Callable[[], LaunchSettings]]


def sources(config: Config, checkout: Checkout | None) -> Iterator[Source]:
    """Where something is said of the book's launches, the strongest first.

    Yields:
        A word that stands where it is said, and what reads it: gives the settings, or raises
        `LaunchSettingsError`.
    """
    options, context = _mapping(config.html_theme_options), _mapping(config.html_context)
    yield "hubroam_launch", lambda: LaunchSettings.read(config.hubroam_launch)
    yield "repository_provider", lambda: _known_provider(options)
    yield "launch_buttons", lambda: _buttons(_mapping(options.get("launch_buttons")))
    for word, repo, ref in (
        ("repository_url", "repository_url", "repository_branch"),
        ("source_repository", "source_repository", "source_branch"),
    ):
        yield word, partial(_repository, _text(options, repo), _text(options, ref))
    for forge, address in _FORGES.items():
        yield f"{forge}_repo", partial(_edit, context, forge, address)
    if checkout and (found := checkout.repository):
        yield (
            "hubroam.book.sphinx",
            lambda: LaunchSettings(repo=found.repository, provider=found.provider, ref=found.ref),
        )


def folder(config: Config, checkout: Checkout | None, srcdir: Path) -> str:
    """Where the book's sources are below the repository's root; empty for the root itself."""
    for setting, name in _FOLDERS:
        values = _mapping(getattr(config, setting))
        if name in values and isinstance(values[name], str) and values[name].strip("/ "):
            return str(values[name]).strip("/ ")
    if checkout and srcdir.resolve().is_relative_to(checkout.root.resolve()):
        return srcdir.resolve().relative_to(checkout.root.resolve()).as_posix().strip(".")
    return ""


def _buttons(buttons: Mapping[str, Any]) -> LaunchSettings:
    """sphinx-book-theme's ``launch_buttons``: their hubs are hubs to suggest."""
    binder, hub = (_text(buttons, name) for name in ("binderhub_url", "jupyterhub_url"))
    hubs = tuple(address for address in (hub, binder) if address)
    return LaunchSettings(hubs=hubs or None, binder=binder)


def _known_provider(options: Mapping[str, Any]) -> LaunchSettings:
    """``repository_provider`` says nothing that the address does not; but it may be wrong."""
    provider = _text(options, "repository_provider")
    if provider and provider.lower() not in _FORGES:
        raise LaunchSettingsError(
            f"repository_provider {provider!r} is not known.",
            next_step=f"Write one of {', '.join(_FORGES)}, or leave it out.",
        )
    return LaunchSettings()


def _repository(repo: str | None, ref: str | None) -> LaunchSettings:
    return LaunchSettings(repo=repo, ref=ref) if repo else LaunchSettings()


def _edit(context: Mapping[str, Any], forge: str, address: str) -> LaunchSettings:
    """What ``html_context`` says for a theme's links to the page's source."""
    user, repo, ref = (_text(context, f"{forge}_{name}") for name in ("user", "repo", "version"))
    if not user or not repo:
        return LaunchSettings()
    host = (_text(context, f"{forge}_url") or address).rstrip("/")
    return LaunchSettings(repo=f"{host}/{user}/{repo}", ref=ref)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    return (value.strip() or None) if isinstance(value, str) else None
