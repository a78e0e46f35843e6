"""What to ask an address to learn which hub it is, and what the answers mean.

No network here: `hubroam.discovery` asks, and ``web/inquiry.js`` is the same in a browser.
``protocol/discovery.json`` holds what both must make of the same answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from hubroam.errors import (
    HubCertificate,
    HubError,
    HubroamError,
    HubTooSlow,
    HubUnreachable,
    LinkError,
    NotAHub,
    OriginRefused,
    PrivateAddress,
)
from hubroam.hubbases import hub_bases
from hubroam.links import hub_base
from hubroam.profile import BINDER, GIT_PULL, LITE, SERVER, HubProfile, LaunchWay

Kind = Literal["hubroam", "binderhub", "jupyterhub", "jupyterlite", "jupyter-server", "none"]
Outcome = Literal[
    "json", "image", "other", "refused", "unreachable", "timeout", "certificate", "private"
]

KIND_NAMES = {
    "hubroam": "a hubroam hub",
    "binderhub": "a BinderHub",
    "jupyterhub": "a JupyterHub",
    "jupyterlite": "a JupyterLite site",
    "jupyter-server": "a Jupyter server",
}
"""The kinds of hub, in words."""

QUESTIONS: dict[str, str] = {
    "versions": "versions",
    "hub-api": "hub/api/",
    "lite": "jupyter-lite.json",
    "server": "api",
}
"""The JSON documents that tell a hub, in the order in which they count."""

IMAGES: dict[str, tuple[str, tuple[int, int]]] = {
    "badge": ("badge_logo.svg", (109, 20)),
    "hub-image": ("hub/static/images/jupyterhub-80.png", (416, 80)),
    "lite-image": ("lab/favicon.ico", (256, 256)),
    "server-image": ("static/logo/logo.png", (208, 56)),
}
"""Images that tell a hub by their size, in the order in which they count: pages see them where
they may read nothing."""


@dataclass(frozen=True)
class Probe:
    """One question: ``name`` is a key of `QUESTIONS` or `IMAGES`."""

    base: str
    name: str

    @property
    def url(self) -> str:
        """What to ask for."""
        return self.base + (QUESTIONS.get(self.name) or IMAGES[self.name][0])


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        outcome: ``json`` or ``image`` as asked for; ``other``: an answer that is neither;
            ``refused``: something is there that a page may not read; the rest: nothing came.
        value: The JSON document, or the image's width and height in pixels.
        url: Where the answer came from, after redirects; empty where it was asked for.
    """

    outcome: Outcome
    value: Any = None
    url: str = ""


@dataclass(frozen=True)
class Discovery:
    """What hub is at an address.

    Attributes:
        url: The base to make links with; empty when the text was no address.
        kind: What it is; ``none`` when there is nothing to launch on.
        version: Of JupyterHub, BinderHub, Jupyter or hubroam, if it says so.
        name: What readers know it by, if it says so.
        launch: The ways to launch, the best first.
        found_by: ``profile``, ``versions``, ``hub-api``, ``jupyter-lite-json``, ``api``, ``image``,
            or None.
        profile: What the hub says of itself, if it does.
        problem: Why there is no hub.
    """

    url: str
    kind: Kind
    version: str | None = None
    name: str | None = None
    launch: tuple[LaunchWay, ...] = ()
    found_by: str | None = None
    profile: HubProfile | None = None
    problem: HubroamError | None = None

    def to_json(self) -> dict[str, Any]:
        """The ``--json`` document of ``hubroam discover``; its templates are absolute."""
        profile = self.profile
        return {
            "url": self.url,
            "kind": self.kind,
            "version": self.version,
            "name": self.name,
            "launch": [
                {**way.to_json(), "url_template": self.url + way.url_template}
                for way in self.launch
            ],
            "found_by": self.found_by,
            "logo": self.url + profile.logo if profile and profile.logo else None,
            "login": profile.login if profile else None,
            "sessions": profile.sessions if profile else None,
            "problem": self.problem.to_json() if self.problem else None,
        }


class Inquiry:
    """One address and the answers so far.

    Args:
        text: As `hubroam.hubbases.hub_bases`.

    Raises:
        LinkError: As `hubroam.hubbases.hub_bases`.

    Attributes:
        text: The address.
        bases: Where the hub may be.
        probes: All that is to be asked, at once.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.bases = hub_bases(text)
        self.probes = [
            Probe(base, name)
            for names in (QUESTIONS, IMAGES)
            for base in self.bases
            for name in names
        ]
        self._answers: dict[Probe, Answer] = {}

    def add(self, probe: Probe, answer: Answer) -> Discovery | None:
        """Take an answer; returns the result as soon as no other answer could change it."""
        self._answers[probe] = answer
        return self._decided()

    def conclude(self) -> Discovery:
        """The result when no more answers will come."""
        for probe in self.probes:
            self._answers.setdefault(probe, Answer("timeout"))
        return self._decided() or self._nothing()

    def _decided(self) -> Discovery | None:
        best: Discovery | None = None
        waiting = open_before = False  # `open_before`: one before may still show a profile
        for base in self.bases:
            found = self._verdict(base)
            if found and found.profile and not open_before:
                return found
            open_before |= any(Probe(base, name) not in self._answers for name in _TELLING)
            if found is None:
                waiting = True
                continue
            if found.kind == "binderhub" and not waiting:
                return found
            if best is None or _RANK[found.kind] < _RANK[best.kind]:
                best = found
        if waiting or best is None:
            return None
        return best if best.kind != "none" else self._nothing()

    def _verdict(self, base: str) -> Discovery | None:
        """What is at one base; None while that is open."""
        first = self._answers.get(Probe(base, "versions"))
        for name in _TELLING:  # a profile says all, whatever else is open
            answer = self._answers.get(Probe(base, name))
            if answer and (found := _told(name, base, answer, first)) and found.profile:
                return found
        for name in QUESTIONS:
            answer = self._answers.get(Probe(base, name))
            if answer is None:
                return None
            if found := _told(name, base, answer, first):
                return found
        for name, (_, size) in IMAGES.items():
            answer = self._answers.get(Probe(base, name))
            if answer is None:
                return None
            if answer.outcome == "image" and tuple(answer.value) == size:
                kind, way = _BY_IMAGE[name]
                return Discovery(base, kind, launch=(way,), found_by="image")
        return Discovery(base, "none")

    def _nothing(self) -> Discovery:
        """Why there is no hub: what came nearest to an answer decides."""
        outcomes = {answer.outcome for answer in self._answers.values()}
        base = self.bases[0]
        host = urlsplit(base).netloc
        outcome = next((each for each in _NEAREST if each in outcomes), "unreachable")
        error, message, next_step = _PROBLEMS[outcome]
        problem = error(message.format(host=host), next_step=next_step.format(host=host))
        return Discovery(base, "none", problem=problem)


_TELLING = ("versions", "hub-api")  # what may show a profile
_RANK: dict[str, int] = {
    "hubroam": 0,
    "binderhub": 1,
    "jupyterhub": 2,
    "jupyterlite": 3,
    "jupyter-server": 4,
    "none": 5,
}
_BY_IMAGE: dict[str, tuple[Kind, LaunchWay]] = {
    "badge": ("binderhub", BINDER),
    "hub-image": ("jupyterhub", GIT_PULL),
    "lite-image": ("jupyterlite", LITE),
    "server-image": ("jupyter-server", SERVER),
}


def _told(name: str, base: str, answer: Answer, first: Answer | None) -> Discovery | None:
    """What a JSON document says, beside what `/versions` answered; None when it is no hub's."""
    document = answer.value
    if answer.outcome != "json" or not isinstance(document, dict):
        return None
    base = _moved(base, answer.url.removesuffix(QUESTIONS[name]))
    if name == "lite":
        told = isinstance(document.get("jupyter-config-data"), dict)
        version = document.get("jupyter-config-data", {}).get("appVersion") if told else None
        found = Discovery(base, "jupyterlite", _version(version), launch=(LITE,))
        return replace(found, found_by="jupyter-lite-json") if told else None
    version = document.get("binderhub" if name == "versions" else "version")
    if profile := HubProfile.read(document):
        kind: Kind = "binderhub" if profile.launch[0].kind == "binder" else "jupyterhub"
        return Discovery(
            base,
            "hubroam" if profile.software == "hubroam" else kind,
            profile.version or _version(version),
            profile.name,
            profile.launch,
            "profile",
            profile,
        )
    if name == "versions":
        if version is None:
            return None
        return Discovery(base, "binderhub", _version(version), launch=(BINDER,), found_by=name)
    everywhere = first.value.get("version") if first and isinstance(first.value, dict) else None
    if not isinstance(version, str) or version == everywhere:
        return None  # a server that answers everything with one version says nothing by it
    if name == "hub-api":
        return Discovery(base, "jupyterhub", _version(version), launch=(GIT_PULL,), found_by=name)
    return Discovery(base, "jupyter-server", _version(version), launch=(SERVER,), found_by="api")


def _moved(base: str, url: str) -> str:
    """The base after a redirect, such as from http to https; a link to another host stays as it is.

    mybinder.org, for one, sends those who ask on to a member of its federation.
    """
    try:
        same = url.endswith("/") and urlsplit(url).hostname == urlsplit(base).hostname
        return hub_base(url) if same else base
    except (LinkError, ValueError):
        return base


def _version(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"[\w.+!-]{1,60}", value) else None


_NEAREST: tuple[Outcome, ...] = (
    "private",
    "other",
    "json",
    "image",
    "refused",
    "certificate",
    "timeout",
    "unreachable",
)
_NO_HUB = (
    NotAHub,
    "{host} answers, but there is no hub at this address.",
    "Use the address where you sign in to your JupyterHub or BinderHub.",
)
_PROBLEMS: dict[str, tuple[type[HubError], str, str]] = {
    "other": _NO_HUB,
    "json": _NO_HUB,
    "image": _NO_HUB,
    "private": (
        PrivateAddress,
        "{host} is in a private network, which is not asked.",
        "If you mean to ask it, allow private addresses (--allow-private).",
    ),
    "refused": (
        OriginRefused,
        "{host} answers, but does not let this page read what it is.",
        "Check the address. If it is your hub's, its operator can open it to book pages: "
        "see “discovery” in hubroam's documentation.",
    ),
    "certificate": (
        HubCertificate,
        "The certificate of {host} is not trusted.",
        "Check the address; if it is right, tell the hub's operator.",
    ),
    "timeout": (
        HubTooSlow,
        "{host} did not answer in time.",
        "Try again in a moment, or open it in a new tab to see whether it is well.",
    ),
    "unreachable": (
        HubUnreachable,
        "{host} cannot be reached.",
        "Check the spelling, and open it in a new tab: it may be down, or its certificate "
        "not trusted.",
    ),
}
