"""What a hub says of itself: the hub profile, format 1.

A hub puts its profile under ``hub_profile`` into the answers that every page may read:
JupyterHub's ``/hub/api/`` and BinderHub's ``/versions``. The format is written down in
``docs/reference/hub-profile.md`` and ``protocol/hub-profile.schema.json``; ``web/profile.js`` reads
it too, and ``protocol/profiles.json`` holds what both make of it. A profile comes from a stranger:
what cannot be used safely is left out, and what it says can name no place outside the hub.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import uritemplate

from hubroam.addresses import check_text
from hubroam.errors import LinkError
from hubroam.launchlink import LaunchLink
from hubroam.links import below, content_path, git_pull_note, git_pull_query, hub_base

FORMAT = 1
KEY = "hub_profile"
"""Where the profile stands in the answers that carry it."""

BINDER_TEMPLATE = "v2/{provider}/{+spec}{?urlpath,labpath,filepath}"
RECIPE_TEMPLATE = "v2/{provider}/{+spec}{?urlpath,labpath,filepath,envpath}"
GIT_PULL_TEMPLATE = "hub/user-redirect/git-pull{?repo,branch,urlpath}"
LIVE_TEMPLATE = "v2/{provider}/{+spec}{?urlpath,labpath,filepath,envpath,live}"
LITE_TEMPLATE = "lab/index.html{?path}"
SERVER_TEMPLATE = "git-pull{?repo,branch,urlpath}"

LAUNCH_KINDS = {
    "binder": {"provider", "spec"},
    "git-pull": {"repo"},
    "live": {"provider", "spec", "live"},
    "content": set[str](),
}
"""The kinds of launch, and the variables without which a template of that kind is none."""

# RFC 6570 without lists, prefixes and the operators that make no sense in a launch link
_NAME = r"[a-z][a-z0-9_]*"
_TEMPLATE = re.compile(rf"(?:[^{{}}]|\{{\+?{_NAME}\}}|\{{[?&]{_NAME}(?:,{_NAME})*\}})*")
_EXPRESSION = re.compile(r"\{([+?&]?)([^}]*)\}")
_NAME_LENGTH, _LIST_LENGTH = 100, 50


@dataclass(frozen=True)
class LaunchWay:
    """One way to launch a session on a hub.

    Attributes:
        kind: ``binder`` (a spec's environment and content), ``git-pull`` (content into the reader's
            own server), ``live`` (as ``binder``, and the session is handed to the page that asks),
            ``content`` (a file that the site itself has).
        url_template: An RFC 6570 template, relative to the hub's base URL.
        providers: The Binder providers that are served; empty where the kind has none.
        recipes: The recipe files that are honoured; empty where nothing is said.
    """

    kind: str
    url_template: str
    providers: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()

    def expand(self, hub: str, variables: Mapping[str, str | None]) -> str:
        """The launch link.

        Args:
            hub: The hub's base URL.
            variables: The template's variables; those that are None or missing are left out.
                ``spec`` is encoded already, the others are not.

        Raises:
            LinkError: The link would leave the hub.
        """
        given: dict[str, Any] = {name: value for name, value in variables.items() if value}
        return hub_base(hub) + below(str(uritemplate.expand(self.url_template, given)))

    def link(self, hub: str, link: LaunchLink) -> str:
        """The link to what a launch link names, on this hub and in this way.

        Args:
            hub: The hub's base URL.
            link: The repository and the place in it; its own hub does not count.

        Raises:
            LinkError: A part is missing or refused, or the way does not serve the repository.
        """
        spec = link.spec
        place = {"urlpath": link.urlpath, "labpath": link.labpath, "filepath": link.filepath}
        if self.kind == "content":
            return self.expand(hub, {"path": content_path(link.labpath or link.filepath or "")})
        if spec is None or (self.providers and spec.provider not in self.providers):
            raise LinkError(
                "This hub does not open this kind of repository.", next_step="Choose another hub."
            )
        if self.kind == "git-pull":
            return self.expand(hub, git_pull_query(link.content or spec, **place))
        # the place as BinderHub's own link has it, checked and in the session's terms
        values = LaunchLink.query_of(replace(link, hub=hub, kind="binder").url)
        return self.expand(hub, {"provider": spec.provider, "spec": spec.raw, **values})

    def note(self, link: LaunchLink) -> str | None:
        """What a reader is told when this way opens less than a launch link names.

        Returns:
            One sentence, or None when it opens just that.
        """
        if self.kind == "git-pull" and (repository := link.content or link.spec):
            return git_pull_note(repository)
        if link.env_path and self.kind == "binder" and "envpath" not in self.variables:
            return (
                f"This hub takes the recipe at the repository's root, not the one in "
                f"{link.env_path}: it knows of no recipes in folders."
            )
        return None

    @property
    def variables(self) -> set[str]:
        """What the template has places for."""
        return set(uritemplate.variables(self.url_template))

    def to_json(self) -> dict[str, Any]:
        """The way as a profile holds it."""
        document: dict[str, Any] = {"kind": self.kind, "url_template": self.url_template}
        if self.providers:
            document["providers"] = list(self.providers)
        if self.recipes:
            document["recipes"] = list(self.recipes)
        return document


BINDER = LaunchWay("binder", BINDER_TEMPLATE)
BINDER_OF_OURS = LaunchWay("binder", RECIPE_TEMPLATE)
GIT_PULL = LaunchWay("git-pull", GIT_PULL_TEMPLATE)
LIVE = LaunchWay("live", LIVE_TEMPLATE)
LITE = LaunchWay("content", LITE_TEMPLATE)
SERVER = LaunchWay("git-pull", SERVER_TEMPLATE)


@dataclass(frozen=True)
class HubProfile:
    """What kind of hub this is, and how to launch a session on it.

    Attributes:
        name: What readers know the hub by.
        software: The program that made the hub what it is, such as ``hubroam``.
        version: That program's version.
        logo: A path below the hub's base, or None.
        login: Whether readers sign in.
        sessions: ``temporary`` or ``kept``.
        launch: The ways to launch, the best first.
    """

    name: str
    software: str
    version: str
    launch: tuple[LaunchWay, ...]
    logo: str | None = None
    login: bool = True
    sessions: str = "kept"

    def to_json(self) -> dict[str, Any]:
        """The profile as it stands under `KEY`."""
        return {
            "format": FORMAT,
            "name": self.name,
            "logo": self.logo,
            "software": {"name": self.software, "version": self.version},
            "login": self.login,
            "sessions": self.sessions,
            "launch": [way.to_json() for way in self.launch],
        }

    @classmethod
    def read(cls, answer: object) -> HubProfile | None:
        """Read the profile in a hub's answer.

        Args:
            answer: The JSON document of ``/hub/api/`` or ``/versions``, from a stranger.

        Returns:
            The profile with all that could be used; None when there is none of format 1 that
            names the hub and one way to launch at least. Fields that are not known are ignored.
        """
        return cls.check(answer)[0]

    @classmethod
    def check(cls, answer: object) -> tuple[HubProfile | None, list[str]]:
        """As `read`, and what could not be used.

        Returns:
            The profile, and one phrase for each field that is not as the format has it, such as
            ``launch[0].url_template is no template for this kind``; none when there is no profile.
        """
        if not isinstance(answer, dict) or KEY not in answer:
            return None, []
        document = answer[KEY]
        if not isinstance(document, dict):
            return None, [f"{KEY} is no object"]
        if document.get("format") != FORMAT:
            return None, [f"format is not {FORMAT}"]
        faults: list[str] = []

        def want(good: object, fault: str) -> None:
            if not good:
                faults.append(fault)

        name, logo = _text(document.get("name")), _place(document.get("logo"))
        want(name, f"name is no text of 1 to {_NAME_LENGTH} characters on one line")
        want(logo or document.get("logo") is None, "logo is no path below the hub")
        software = document.get("software", {})
        want(isinstance(software, dict), "software is no object")
        software = software if isinstance(software, dict) else {}
        for key in ("name", "version"):
            want(
                _text(software.get(key, "-")) or software[key] == "",
                f"software.{key} is no text of at most {_NAME_LENGTH} characters",
            )
        login, sessions = document.get("login", True), document.get("sessions", "kept")
        want(isinstance(login, bool), "login is neither true nor false")
        want(sessions in ("temporary", "kept"), "sessions is neither temporary nor kept")
        launch = _ways(document.get("launch"), faults)
        if not launch or not name:
            return None, faults
        profile = cls(
            name=name,
            software=_text(software.get("name")),
            version=_text(software.get("version")),
            launch=launch,
            logo=logo,
            login=login is not False,
            sessions="temporary" if sessions == "temporary" else "kept",
        )
        return profile, faults


def is_template(kind: str, template: object) -> bool:
    """Whether a text is a template for this kind of launch that stays below the hub.

    Args:
        kind: A key of `LAUNCH_KINDS`.
        template: What a profile says.
    """
    if not isinstance(template, str) or not _TEMPLATE.fullmatch(template):
        return False
    names = {name for _, list_ in _EXPRESSION.findall(template) for name in list_.split(",")}
    if kind not in LAUNCH_KINDS or not names >= LAUNCH_KINDS[kind]:
        return False
    if template.startswith(("{", "/")):  # a value could name another host
        return False
    try:
        below(_EXPRESSION.sub("x", template))
    except LinkError:
        return False
    return True


def _ways(value: object, faults: list[str]) -> tuple[LaunchWay, ...]:
    """The ways to launch that can be used; adds to ``faults`` what cannot."""
    if not isinstance(value, list) or not 1 <= len(value) <= _LIST_LENGTH:
        faults.append(f"launch is no list of 1 to {_LIST_LENGTH} ways")
    found = []
    for number, way in enumerate(value[:_LIST_LENGTH] if isinstance(value, list) else []):
        kind, template = (
            (way.get("kind"), way.get("url_template")) if isinstance(way, dict) else (0, 0)
        )
        if not isinstance(kind, str):
            faults.append(f"launch[{number}] has no kind")
        elif kind not in LAUNCH_KINDS:
            continue  # as the format has it: others may come
        elif not is_template(kind, template):
            faults.append(f"launch[{number}].url_template is no template of kind {kind}")
        else:
            lists = {name: way.get(name, []) for name in ("providers", "recipes")}
            faults += [
                f"launch[{number}].{name} is no list of at most {_LIST_LENGTH} texts"
                for name, each in lists.items()
                if not isinstance(each, list) or len(_texts(each)) != len(each)
            ]
            found.append(LaunchWay(kind, str(template), *map(_texts, lists.values())))
    return tuple(found)


def _text(value: object) -> str:
    """A short text that can be shown; empty when it is none."""
    if not isinstance(value, str) or len(value) > _NAME_LENGTH:
        return ""
    try:
        check_text(value, LinkError, blanks=True)
    except LinkError:
        return ""
    return value.strip()


def _texts(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, value[:_LIST_LENGTH] if isinstance(value, list) else [])))


def _place(value: object) -> str | None:
    """A path below the hub: a logo elsewhere would tell that place who reads."""
    if not isinstance(value, str) or not value or value.startswith("/"):
        return None
    try:
        return below(value)
    except LinkError:
        return None
