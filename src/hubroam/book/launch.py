"""What a book and its pages say of their launches, and what a page then shows.

``launch:`` has one form for a whole book and for one page, in whatever tool the book is made with:
``docs/reference/launch-settings.md``. ``protocol/book-launch.json`` holds what this module and
``web/book-launch.js`` both pass.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, Self

from hubroam.addresses import check_text
from hubroam.book.repository import read_repository
from hubroam.errors import HubroamError, LaunchSettingsError, LinkError
from hubroam.launchlink import LaunchLink
from hubroam.links import below, content_path, hub_base
from hubroam.roam import universal_link
from hubroam.spec import BinderSpec

PUBLIC_BINDER = "https://mybinder.org/"
"""Where links lead that nothing else was said of: the public BinderHub."""

THEBE = "https://cdn.jsdelivr.net/npm/thebe-core@0.5.0/dist/lib/"
"""thebe-core as npm has it, on a CDN that serves npm's packages."""

_NEXT_STEP = "See “launch settings” in hubroam's documentation."


@dataclass(frozen=True)
class LaunchSettings:
    """What is said of launches; None where nothing is said.

    Attributes:
        launch: Whether there is a launch control; None leaves it to what the page is.
        repo: ``user/repo``, a web address, a clone URL, a DOI or a Binder spec.
        provider: The prefix of a Binder provider, where `repo` does not tell it.
        ref: A branch, tag or commit.
        path: The file to open, below the repository's root.
        urlpath: A URL path below the session, instead of `path`.
        environment: Settings of which `repo`, `provider`, `ref` and `path` count: the repository of
            the environment, where it is another, and the folder of it that its recipe is in.
        hubs: Addresses of hubs to suggest.
        binder: The BinderHub that a plain link leads to, where no control can be.
        roam: The roam page that a plain link leads to, instead of `binder`.
        label: What the button says.
        live: Where thebe-core's folder ``dist/lib`` is, for a page whose cells run in place: an
            address, a path from the site's root, or ``cdn`` for `THEBE`.
    """

    launch: bool | None = None
    repo: str | None = None
    provider: str | None = None
    ref: str | None = None
    path: str | None = None
    urlpath: str | None = None
    environment: LaunchSettings | None = None
    hubs: tuple[str, ...] | None = None
    binder: str | None = None
    roam: str | None = None
    label: str | None = None
    live: str | None = None

    @classmethod
    def read(cls, value: object) -> Self:
        """Read what stands under ``launch:``.

        Args:
            value: ``false`` for no control, ``true`` for one even where nothing was found that
                runs, None for nothing, or a mapping with the names above; from a stranger.

        Raises:
            LaunchSettingsError: It is something else, or a name in it is not known.
        """
        if value is None or isinstance(value, bool):
            return cls(launch=value)
        if not isinstance(value, Mapping):
            raise _wrong("launch is neither true, false nor a mapping of settings.")
        return cls(**_known(value, _SETTINGS))

    def over(self, other: LaunchSettings) -> LaunchSettings:
        """These settings, and where they say nothing the other ones.

        A repository that is named here brings its own ref and path: the other's are of another.
        """
        own = {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }
        if self.repo is not None:
            other = replace(other, provider=None, ref=None, path=None, urlpath=None)
        if self.path is not None or self.urlpath is not None:
            other = replace(other, path=None, urlpath=None)
        return replace(other, **own)

    def page(self) -> PageLaunch | None:
        """What a page with these settings shows; None where it shows nothing.

        Raises:
            LaunchSettingsError: No repository is named, or something is not as it must be.
        """
        if self.launch is False:
            return None
        if self.repo is None:
            raise LaunchSettingsError(
                "Nothing says which repository the book is in.",
                next_step="Name it: launch: {repo: user/repo}.",
            )
        try:
            environment = self.environment
            return PageLaunch(
                content=read_repository(self.repo, self.provider, self.ref),
                path=content_path(self.path) if self.path else None,
                urlpath=below(self.urlpath) if self.urlpath else None,
                environment=(
                    read_repository(environment.repo, environment.provider, environment.ref)
                    if environment and environment.repo
                    else None
                ),
                env_path=(
                    content_path(environment.path) if environment and environment.path else None
                ),
                hubs=tuple(map(hub_base, self.hubs or ())),
                binder=hub_base(self.binder or PUBLIC_BINDER),
                roam=self.roam if self.roam and hub_base(self.roam) else None,
                label=self.label,
                live=_thebe(self.live) if self.live else None,
            )
        except LaunchSettingsError:
            raise
        except HubroamError as error:
            raise LaunchSettingsError(error.message, next_step=error.next_step) from None


@dataclass(frozen=True)
class PageLaunch:
    """What a page of a book launches. At most one of `path` and `urlpath` is given.

    Attributes:
        content: The repository that the page is in.
        path: The page's file, below the repository's root.
        urlpath: A URL path below the session.
        environment: The repository of the environment, where it is another.
        env_path: The folder that the recipe is in, if not the root of its repository.
        hubs: Base URLs of hubs to suggest.
        binder: The BinderHub that `link` leads to.
        roam: The roam page that `link` leads to, instead.
        label: What the button says, if not the usual.
        live: Where thebe-core is, if the page's cells run in place.
    """

    content: BinderSpec
    path: str | None = None
    urlpath: str | None = None
    environment: BinderSpec | None = None
    env_path: str | None = None
    hubs: tuple[str, ...] = ()
    binder: str = PUBLIC_BINDER
    roam: str | None = None
    label: str | None = None
    live: str | None = None

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of ``<hub-launch>``, as in ``docs/reference/hub-launch.md``."""
        environment = self.environment
        values = {
            "provider": self.content.provider,
            "repo": self.content.repository,
            "ref": self.content.ref,
            "path": self.path,
            "urlpath": self.urlpath,
            "env-provider": environment.provider if environment else None,
            "env-repo": environment.repository if environment else None,
            "env-ref": environment.ref if environment else None,
            "env-path": self.env_path,
            "hubs": " ".join(self.hubs),
            "label": self.label,
        }
        return {name: value for name, value in values.items() if value}

    @property
    def scripts(self) -> tuple[str, ...]:
        """The modules that the page loads, of `hubroam.resources.control_modules`."""
        return ("hub-launch.js", "hub-live.js") if self.live else ("hub-launch.js",)

    @property
    def element(self) -> str:
        """The launch control in HTML; a plain link stands in it where no script runs.

        A page whose cells run in place has the control for that below it.
        """
        attributes = "".join(
            f' {name}="{html.escape(value)}"' for name, value in self.attributes.items()
        )
        link = html.escape(self.link)
        label = html.escape(self.label or "Launch")
        live = f'<hub-live thebe="{html.escape(self.live)}"></hub-live>' if self.live else ""
        inner = f'<a href="{link}" rel="noopener">{label}</a>'
        return f"<hub-launch{attributes}>{inner}</hub-launch>{live}"

    @property
    def meta(self) -> str:
        """For the page's head: what it launches, for programs that read the page as strangers."""
        values = {
            "spec": str(self.content),
            "path": self.path,
            "urlpath": self.urlpath,
            "environment": str(self.environment) if self.environment else None,
            "environment-path": self.env_path,
        }
        return "".join(
            f'<meta name="binder-{name}" content="{html.escape(value)}">\n'
            for name, value in values.items()
            if value
        )

    @property
    def link(self) -> str:
        """The plain link, for print and wherever no control can be.

        Raises:
            LinkError: The place leaves the repository; not for what `LaunchSettings.page` made.
        """
        link = LaunchLink(
            hub=self.binder,
            kind="binder",
            spec=self.environment or self.content,
            labpath=self.path,
            urlpath=self.urlpath,
            content=self.content if self.environment else None,
            env_path=self.env_path,
        )
        return universal_link(self.roam, link) if self.roam else link.url


def _known(value: Mapping[Any, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The settings of a mapping, each checked by its name."""
    known: dict[str, Any] = {}
    for name, given in value.items():
        if name not in names:
            near = get_close_matches(str(name), names, n=1)
            hint = f" Perhaps {near[0]} is meant." if near else ""
            raise _wrong(f"launch has no setting {str(name)[:40]!r}.{hint}")
        if given is None:
            continue
        if name == "environment":
            known[name] = _environment(given)
        elif name == "hubs":
            hubs = given.split() if isinstance(given, str) else given
            if not isinstance(hubs, list):
                raise _wrong("launch.hubs is not a list of addresses.")
            known[name] = tuple(_word(name, hub) for hub in hubs)
        else:
            known[name] = _word(name, given)
    return known


def _environment(value: object) -> LaunchSettings:
    if isinstance(value, str):
        return LaunchSettings(repo=_word("environment", value))
    if not isinstance(value, Mapping):
        raise _wrong("launch.environment is no repository.")
    settings = LaunchSettings(**_known(value, (*_REPOSITORY, "path")))
    if settings.repo is None and (settings.path is None or settings.provider or settings.ref):
        raise _wrong("launch.environment names no repo.")
    return settings


def _word(name: str, value: object) -> str:
    # YAML reads a ref such as 1.0 or 2024 as a number; what the author wrote is lost then
    if not isinstance(value, str):
        hint = " Put it into quotes." if isinstance(value, int | float) else ""
        raise _wrong(f"launch.{name} is not a text.{hint}")
    try:
        check_text(value, LinkError, blanks=True)
    except LinkError as error:
        raise _wrong(f"launch.{name}: {error.message}") from None
    if not value.strip():
        raise _wrong(f"launch.{name} is empty.")
    return value.strip()


def _thebe(place: str) -> str:
    """Where thebe-core is: programs come from there, so it is an author's own address or none."""
    if place == "cdn":
        return THEBE
    return f"/{below(place)}" if place.startswith("/") else hub_base(place)


def _wrong(message: str) -> LaunchSettingsError:
    return LaunchSettingsError(message, next_step=_NEXT_STEP)


_REPOSITORY = ("repo", "provider", "ref")
_SETTINGS = tuple(field.name for field in fields(LaunchSettings) if field.name != "launch")
