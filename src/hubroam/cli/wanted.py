"""What people name on the command line: a spec, a repository, a launch link, a page of a book."""

from __future__ import annotations

from hubroam.addresses import split_url
from hubroam.book.foreign import ForeignLaunch, find_launch
from hubroam.errors import LinkError, SpecError
from hubroam.launchlink import LaunchLink
from hubroam.roam import read_universal_link
from hubroam.spec import BinderSpec

# hosts whose addresses tell what they are of
_TELLING = {
    "github.com",
    "www.github.com",
    "gist.github.com",
    "gitlab.com",
    "doi.org",
    "dx.doi.org",
    "hydroshare.org",
}


def read_wanted(what: str, *, allow_private: bool) -> ForeignLaunch:
    """Read what a launch link, a spec or an address names; the hub in it does not count.

    Nobody is asked where the text alone tells: launch links, specs, pages of GitHub and GitLab,
    DOIs, and addresses that end in ``.git``. Any other web address is asked: where git answers it
    is a repository, else a page of a book.

    Args:
        what: The text.
        allow_private: Whether addresses that are not of the public internet may be asked.

    Raises:
        HubroamError: It names nothing, or `find_launch` found nothing.
    """
    what = what.strip()
    for read in (LaunchLink.parse, read_universal_link, _read_spec):
        try:
            return _known(read(what))
        except (LinkError, SpecError):
            continue
    if _is_to_ask(what):
        return find_launch(what, allow_private=allow_private)
    return _known(LaunchLink("https://hub.invalid/", "binder", BinderSpec.from_text(what)))


def _read_spec(what: str) -> LaunchLink:
    """A spec with the parameters of a launch link: ``gh/user/repo/main?envpath=course``."""
    if "?" not in what or "://" in what:
        raise LinkError("This is no such spec.", next_step="Give a Binder spec.")
    return LaunchLink.parse(f"https://hub.invalid/v2/{what}")


def _is_to_ask(what: str) -> bool:
    """Whether only its host can tell what a web address is."""
    parts = split_url(what)
    if parts is None or parts.scheme not in ("http", "https"):
        return False
    try:
        spec = BinderSpec.from_text(what)
    except SpecError:  # a query, no path: no address to clone from
        return parts.host.lower() not in _TELLING
    return spec.provider == "git" and not spec.repository.rstrip("/").endswith(".git")


def _known(launch: LaunchLink) -> ForeignLaunch:
    return ForeignLaunch(launch, "", "text")
