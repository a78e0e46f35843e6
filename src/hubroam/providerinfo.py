"""What people and pages need to know of Binder's providers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Provider:
    """What people and pages need to know of a provider.

    The two patterns are sent to browsers, so they are written as JavaScript
    regular expressions (named groups are ``(?<repo>…)``).
    """

    id: str
    display_name: str
    repo_label: str
    repo_placeholder: str
    repo_url_encode: bool
    ref_enabled: bool
    ref_default: str | None
    spec_regex: str
    detect_regex: str | None

    def to_json(self) -> dict[str, Any]:
        """One entry of BinderHub's ``/api/repoproviders``."""
        ref: dict[str, Any] = {"enabled": self.ref_enabled}
        if self.ref_default is not None:
            ref["default"] = self.ref_default
        entry: dict[str, Any] = {
            "displayName": self.display_name,
            "id": self.id,
            "spec": {"validateRegex": self.spec_regex},
            "repo": {
                "label": self.repo_label,
                "placeholder": self.repo_placeholder,
                "urlEncode": self.repo_url_encode,
            },
            "ref": ref,
        }
        if self.detect_regex is not None:
            entry["detect"] = {"regex": self.detect_regex}
        return entry


DOI_DETECT = r"^(?:https?://(?:dx\.)?doi\.org/|doi:)?(?<repo>10\.\d{4,9}/\S+)$"
"""What a DOI looks like, of whichever archive; a regular expression of JavaScript."""


def _archive(provider_id: str, name: str, example: str) -> Provider:
    return Provider(
        id=provider_id,
        display_name=name,
        repo_label=name,
        repo_placeholder=f"example: {example}",
        repo_url_encode=False,
        ref_enabled=False,
        ref_default=None,
        spec_regex=r"10\.\d{4,9}/.+",
        detect_regex=DOI_DETECT,
    )


PROVIDERS: dict[str, Provider] = {
    provider.id: provider
    for provider in (
        Provider(
            id="gh",
            display_name="GitHub",
            repo_label="GitHub repository name or URL",
            repo_placeholder="example: binder-examples/requirements",
            repo_url_encode=False,
            ref_enabled=True,
            ref_default="HEAD",
            spec_regex=r"[^/]+/[^/]+/.+",
            detect_regex=r"^(?:https?://(?:www\.)?github\.com/)?(?<repo>[^/\s]+/[^/\s]+?)(?:\.git)?"
            r"(?:/(?:tree|blob|commit)/(?<ref>[^/\s]+)(?:/.*)?)?/?$",
        ),
        Provider(
            id="gl",
            display_name="GitLab",
            repo_label="GitLab repository name or URL",
            repo_placeholder="example: group/subgroup/project",
            repo_url_encode=True,
            ref_enabled=True,
            ref_default="HEAD",
            spec_regex=r"[^/]+/.+",
            detect_regex=r"^(?:https?://gitlab\.com/)?(?<repo>[^/\s]+(?:/[^/\s-][^/\s]*)+?)"
            r"(?:\.git)?(?:/-/(?:tree|blob|commit)/(?<ref>[^/\s]+)(?:/.*)?)?/?$",
        ),
        Provider(
            id="gist",
            display_name="GitHub Gist",
            repo_label="Gist (user/id) or its URL",
            repo_placeholder="example: user/8f7c2f0341ef4180b0dbe97f59130756",
            repo_url_encode=False,
            ref_enabled=True,
            ref_default=None,
            spec_regex=r"[^/]+/[^/]+(/[^/]+)?",
            detect_regex=r"^(?:https?://gist\.github\.com/)?(?<repo>[^/\s]+/[0-9A-Fa-f]+)"
            r"(?:\.git)?(?:/(?<ref>[0-9a-f]{7,40}))?/?$",
        ),
        Provider(
            id="git",
            display_name="Git repository",
            repo_label="URL to clone any git repository from",
            repo_placeholder="example: https://git.example.org/book.git",
            repo_url_encode=True,
            ref_enabled=True,
            ref_default="HEAD",
            spec_regex=r"[^/]+/.+",
            detect_regex=None,
        ),
        _archive("zenodo", "Zenodo DOI", "10.5281/zenodo.3242074"),
        _archive("figshare", "Figshare DOI", "10.6084/m9.figshare.9782777.v1"),
        _archive("dataverse", "Dataverse DOI", "10.7910/DVN/TJCLKP"),
        Provider(
            id="hydroshare",
            display_name="HydroShare resource",
            repo_label="HydroShare resource id or URL",
            repo_placeholder="example: 8f7c2f0341ef4180b0dbe97f59130756",
            repo_url_encode=True,
            ref_enabled=False,
            ref_default=None,
            spec_regex=r"[^/]+",
            detect_regex=r"^(?:https?://(?:www\.)?hydroshare\.org/resource/)?"
            r"(?<repo>[0-9a-f]{32})/?$",
        ),
        Provider(
            id="ckan",
            display_name="CKAN dataset",
            repo_label="CKAN dataset URL",
            repo_placeholder="example: https://demo.ckan.org/dataset/my-dataset",
            repo_url_encode=True,
            ref_enabled=False,
            ref_default=None,
            spec_regex=r"[^/]+",
            detect_regex=None,
        ),
        Provider(
            id="swhid",
            display_name="Software Heritage id",
            repo_label="Software Heritage id (SWHID) or its URL",
            repo_placeholder="example: swh:1:dir:94a9ed024d3859793618152ea559a168bbcbb5e2",
            repo_url_encode=False,
            ref_enabled=False,
            ref_default=None,
            spec_regex=r"swh(:|%3A)1(:|%3A)(dir|rev)(:|%3A)[0-9a-f]{40}",
            detect_regex=r"^(?:https?://archive\.softwareheritage\.org/)?"
            r"(?<repo>swh:1:(?:dir|rev):[0-9a-f]{40})(?:;.*)?$",
        ),
    )
}
"""Every provider that Binder names, by its prefix in a spec; ``swhid`` is hubroam's own.

repo2docker reads ids of Software Heritage, and BinderHub has no prefix for them.
"""
