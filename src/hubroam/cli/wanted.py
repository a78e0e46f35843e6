"""What people name on the command line: a spec, a repository, a launch link, a page of a book."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hubroam.addresses import split_url
from hubroam.book.foreign import ForeignLaunch, find_launch
from hubroam.errors import LinkError, SpecError
from hubroam.launchlink import LaunchLink
from hubroam.links import content_path
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


@dataclass(frozen=True)
class Wanted:
    """What is to be launched.

    Attributes:
        spec: The repository that brings the environment.
        launch: The whole of it, as a link of kind ``binder``, of no hub.
        notes: What people should know.
    """

    spec: BinderSpec
    launch: LaunchLink
    notes: tuple[str, ...] = ()


def read_launch(what: str, env_path: str | None = None) -> Wanted:
    """Read what is to be launched, built or checked: as `read_wanted`.

    Args:
        what: The text.
        env_path: The folder of its recipe, where that is said beside it; it wins.

    Raises:
        HubroamError: It names no repository, or the folder leaves it.
    """
    # a repository is cloned from wherever it is: to ask there first is no more than that
    named = read_wanted(what, allow_private=True)
    if named.launch.spec is None:
        raise SpecError("The link names no repository.", next_step="Give a Binder spec.")
    folder = content_path(env_path or named.launch.env_path or "") or None
    launch = replace(named.launch, hub="https://hub.invalid/", kind="binder", env_path=folder)
    return Wanted(named.launch.spec, launch, tuple(named.notes))


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
