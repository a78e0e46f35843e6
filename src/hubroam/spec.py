"""The Binder spec: which repository, at which ref, from which provider.

A spec is text of the form ``<provider>/<raw>``, as it stands in a launch link
after ``/v2/``.  `BinderSpec` holds it decoded and checked: whoever has a
`BinderSpec` has one without control characters, credentials, options in
disguise or climbing paths.  ``protocol/specs.json`` holds the vectors that
this module and ``web/spec.js`` both pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from hubroam.addresses import (
    check_clone_url,
    check_host,
    check_path,
    check_ref,
    check_text,
    is_clone_url,
    split_url,
)
from hubroam.errors import SpecError, UnknownProvider
from hubroam.providerinfo import DOI_DETECT, PROVIDERS, Provider

_FORGES = ("github.com", "www.github.com", "gist.github.com", "gitlab.com")
_DOI_OWNERS = {
    "zenodo": re.compile(r"10\.\d+/zenodo\.", re.IGNORECASE),
    "figshare": re.compile(r"10\.\d+/(?:m9\.)?figshare\.", re.IGNORECASE),
    "dataverse": re.compile(r"10\.7910/DVN/", re.IGNORECASE),
}


@dataclass(frozen=True)
class BinderSpec:
    """A repository and a ref, decoded and checked.

    Args:
        provider: A key of `PROVIDERS`.
        repository: ``user/repo``, ``group/sub/repo``, ``user/id``, a clone URL, a DOI, an id or
            a URL, as the provider has it; nothing percent-encoded that the spec encoded.
        ref: A branch, tag or commit; ``""`` where none was given (gist) or the provider has none.

    Raises:
        UnknownProvider: Binder knows no such provider.
        SpecError: The repository or the ref is not one.
    """

    provider: str
    repository: str
    ref: str = ""

    def __post_init__(self) -> None:
        provider = _provider(self.provider)
        check_text(self.repository)
        object.__setattr__(self, "repository", _REPOSITORY_RULES[provider.id](self.repository))
        if self.ref and not provider.ref_enabled:
            raise SpecError(
                f"A {provider.display_name} has no refs.", next_step="Leave the ref out."
            )
        if self.ref:
            check_ref(self.ref)
        elif provider.ref_default is not None:
            raise _missing_ref(provider)
        check_text(str(self))

    @classmethod
    def parse(cls, text: str) -> BinderSpec:
        """Read a spec as it stands in a launch link, percent-encoding still in it.

        Args:
            text: ``<provider>/<raw>``.  One slash at the end is ignored, since BinderHub's own
                links for providers without a ref end in one.

        Raises:
            UnknownProvider: Binder knows no such provider.
            SpecError: The rest is not a spec of that provider.
        """
        check_text(text)
        return _read(text, default_ref=False)

    @property
    def raw(self) -> str:
        """The spec without its provider, encoded as a path of a URL: the one canonical form."""
        encode = PROVIDERS[self.provider].repo_url_encode
        repository = quote(self.repository, safe="" if encode else "/")
        return f"{repository}/{quote(self.ref, safe='/')}" if self.ref else repository

    def __str__(self) -> str:
        return f"{self.provider}/{self.raw}"

    @classmethod
    def from_text(cls, text: str) -> BinderSpec:
        """Read what people type or paste: a spec, a launch link, a repository's page, a DOI.

        A ref that was left out becomes the provider's default.  In ``…/tree/a/b`` the ref is
        ``a``: where a branch ends and a folder begins cannot be seen from the address.

        Raises:
            UnknownProvider: The text begins with no provider that Binder knows.
            SpecError: The text names no repository.
        """
        text = text.strip()
        check_text(text)
        if re.match(r"https?://", text, re.IGNORECASE):
            return _from_web_address(text)
        if re.match(r"(?:doi:)?10\.\d+/", text, re.IGNORECASE):
            return _from_doi(text)
        if text.startswith("swh:"):
            return cls("swhid", text.partition(";")[0])
        if is_clone_url(text):
            return cls("git", text, "HEAD")
        return _read(text, default_ref=True)


def _read(text: str, *, default_ref: bool) -> BinderSpec:
    prefix, _, raw = text.partition("/")
    provider = _provider(prefix)
    repository, ref = _split_raw(provider, raw.removesuffix("/"))
    if not ref and default_ref:
        ref = provider.ref_default or ""
    return BinderSpec(prefix, _decode(repository), _decode(ref))


def _split_raw(provider: Provider, raw: str) -> tuple[str, str]:
    """Repository and ref, both still encoded; the ref is ``""`` when there is none."""
    if not provider.ref_enabled:
        return raw, ""
    # A GitLab namespace may be nested, so it is one encoded part; Jupyter Book 2 does not encode.
    one_part = provider.id == "git" or (provider.id == "gl" and "%2f" in raw.split("/")[0].lower())
    parts = raw.split("/", 1 if one_part else 2)
    ref = parts.pop() if len(parts) == (2 if one_part else 3) else ""
    return "/".join(parts), ref


def _from_web_address(text: str) -> BinderSpec:
    page = re.split(r"[?#]", text, maxsplit=1)[0]
    parts = split_url(page)
    if parts is None:
        raise SpecError("It is not a web address.", next_step="Copy it from the address bar.")
    check_host(parts)
    for provider in PROVIDERS.values():
        if provider.detect_regex in (None, DOI_DETECT):
            continue
        if found := re.match(str(provider.detect_regex).replace("(?<", "(?P<"), page):
            groups = found.groupdict()
            ref = _decode(groups.get("ref") or "") or provider.ref_default or ""
            return BinderSpec(provider.id, _decode(groups["repo"]), ref)
    host = parts.host.lower()
    if host in ("doi.org", "dx.doi.org"):
        return _from_doi(parts.path.removeprefix("/"))
    if host in _FORGES:
        raise SpecError(
            f"This page of {host} is not a repository.",
            next_step="Give the address of the repository's first page.",
        )
    if launch := re.search(rf"/(?:v2|build)/((?:{'|'.join(PROVIDERS)})/.+)", parts.path):
        return BinderSpec.parse(launch[1])
    return BinderSpec("git", text, "HEAD")


def _from_doi(text: str) -> BinderSpec:
    doi = _decode(re.sub(r"^doi:", "", text, flags=re.IGNORECASE))
    for provider, pattern in _DOI_OWNERS.items():
        if pattern.match(doi):
            return BinderSpec(provider, doi)
    raise SpecError(
        "The DOI does not say which archive holds it.",
        next_step=f"Put the archive before it: {', '.join(f'{owner}/…' for owner in _DOI_OWNERS)}.",
    )


def _name_rule(form: str, pattern: str) -> Callable[[str], str]:
    """A rule for repositories that are names: ``.git`` is dropped, the pattern must fit."""
    compiled = re.compile(pattern)

    def rule(repository: str) -> str:
        repository = repository.removesuffix(".git")
        parts = repository.split("/")
        if not compiled.fullmatch(repository) or {".", "..", ""} & set(parts):
            raise SpecError(f"The repository is not of the form {form}.", next_step=_SPELLING)
        return repository

    return rule


def _record_rule(repository: str) -> str:
    """A rule for records of an archive: an id, or the address of the record's page."""
    if _RECORD_ID.fullmatch(repository):
        return repository
    parts = split_url(repository)
    if parts is None or parts.scheme not in ("http", "https") or "#" in repository:
        raise SpecError(
            "The record is neither an id nor a web address.", next_step="Copy it from its page."
        )
    check_host(parts)
    check_path(parts.path.partition("?")[0])
    return repository


_SPELLING = "Check the spelling; names are made of letters, digits, '.', '_' and '-'."
_RECORD_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NAME = r"[A-Za-z0-9_.][A-Za-z0-9_.-]*"
_DOI_RULE = _name_rule("10.<number>/<name>", r"10\.[0-9]{4,9}/[A-Za-z0-9][-._;()/:A-Za-z0-9]*")
_REPOSITORY_RULES: dict[str, Callable[[str], str]] = {
    "gh": _name_rule("user/repo", rf"[A-Za-z0-9][A-Za-z0-9_.-]*/{_NAME}"),
    "gl": _name_rule("group/project", rf"{_NAME}(?:/{_NAME})+"),
    "gist": _name_rule("user/id", r"[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Fa-f0-9]{1,64}"),
    "git": check_clone_url,
    "zenodo": _DOI_RULE,
    "figshare": _DOI_RULE,
    "dataverse": _DOI_RULE,
    "hydroshare": _record_rule,
    "ckan": _record_rule,
    "swhid": _name_rule("swh:1:dir:<hash> or swh:1:rev:<hash>", r"swh:1:(?:dir|rev):[0-9a-f]{40}"),
}


def _provider(prefix: str) -> Provider:
    try:
        return PROVIDERS[prefix]
    except KeyError:
        named = f" {prefix}" if re.fullmatch(r"[A-Za-z0-9_-]{1,32}", prefix) else " of that name"
        raise UnknownProvider(
            f"Binder knows no provider{named}.",
            next_step=f"Begin with one of {', '.join(PROVIDERS)}, such as gh/user/repo/HEAD.",
        ) from None


def _decode(text: str) -> str:
    """Undo percent-encoding once, and refuse what is not UTF-8 or not encoding at all."""
    try:
        if re.search(r"%(?![0-9A-Fa-f]{2})", text):
            raise ValueError
        return unquote(text, errors="strict")
    except ValueError:
        raise SpecError(
            "The percent-encoding is broken.", next_step="Write % itself as %25."
        ) from None


def _missing_ref(provider: Provider) -> SpecError:
    return SpecError(
        f"The {provider.display_name} spec names no ref.",
        next_step="Add a branch, a tag or a commit after the repository, such as /HEAD.",
    )
