"""Where environments are kept.

::

    <digest> -> builds/<digest>-<random>    published by one rename, or not there
    builds/<digest>-<random>/
        prefix/             the virtual environment
        overlay/            what postBuild left in the checkout
        pylock.toml         what was really installed of Python's packages
        explicit.txt        and of conda's
        renv.lock           and of R's
        recipe/             the files that decided it
        image.json          or what image it is
        environment.json    the facts; written last
        compiled            there when all of its modules are compiled, after that
    logs/<digest>.log       of the newest build, failed ones too
    cache/                  uv's and conda's: on the same disk, so that packages are hard links
    locks/                  one a digest, held while it is built

An environment is built where it stays, since scripts and kernelspecs hold absolute paths; the
link that publishes it is what is renamed into place.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from hubroam.environments.lock import EXPLICIT, IMAGE_LOCK
from hubroam.environments.port import Image
from hubroam.errors import EnvironmentNotFound
from hubroam.leftovers import end_leftovers

_FACTS = "environment.json"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Environment:
    """A built environment.

    Attributes:
        digest: Its name, 64 hex digits.
        path: Its prefix.
        builder: Who built it.
        created: When, in ISO 8601.
        seconds: How long that took.
        lock: The lock file of what was really installed: conda's explicit list where conda was
            used, else PEP 751's ``pylock.toml``.
        log: The build's log.
        overlay: What ``postBuild`` left in the checkout, to lay over a session's; None for nothing.
        variables: What sessions have in their environment.
        server: ``shared`` when sessions use hubroam's own Jupyter server, ``environment`` when
            the recipe brings server extensions and the server is its own.
        image: The image that sessions run in; None where they are processes of this machine, and
            `path` leads nowhere otherwise.
        substituted: Packages that the recipe asks of conda, and what of PyPI stands for each.
    """

    digest: str
    path: Path
    builder: str
    created: str
    seconds: float
    lock: Path
    log: Path
    overlay: Path | None
    server: str
    variables: dict[str, str]
    image: Image | None = None
    substituted: dict[str, str] = field(default_factory=dict)

    @property
    def image_name(self) -> str:
        """What Binder's clients are told that they run: an image's name, or one as if it were."""
        return self.image.name if self.image else f"hubroam:{self.digest}"


class EnvironmentStore:
    """The environments of one machine.

    Args:
        root: Where they are kept; made when it is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cache = root / "cache"
        self._builds = root / "builds"
        for folder in (root, self._builds, root / "logs", root / "locks", self.cache):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def get(self, digest: str) -> Environment | None:
        """The environment of that digest, if it is built, and whole."""
        folder = self.root / digest
        try:
            facts = self.facts(digest)
            folder = folder.resolve(strict=True)
        except (OSError, ValueError, TypeError):
            return None
        if not facts.image and not (folder / "prefix" / "bin" / "python").exists():
            return None  # the Python that it was made from is gone
        overlay = folder / "overlay"
        locks = (folder / EXPLICIT, folder / IMAGE_LOCK)
        return Environment(
            digest=digest,
            path=folder / "prefix",
            builder=facts.builder,
            created=facts.created,
            seconds=facts.seconds,
            lock=next((path for path in locks if path.exists()), folder / "pylock.toml"),
            log=self.log_path(digest),
            overlay=overlay if overlay.is_dir() else None,
            server=facts.server,
            variables=facts.variables,
            image=Image(**facts.image) if facts.image else None,
            substituted=facts.substituted,
        )

    def facts(self, digest: str) -> BuildFacts:
        """What was written of the build of an environment that is here.

        Raises:
            OSError, ValueError, TypeError: It is not.
        """
        text = (self.root / digest / _FACTS).read_text(encoding="utf-8")
        return BuildFacts(**json.loads(text))

    def find(self, beginning: str = "") -> list[Environment]:
        """The environments whose digests begin so (empty: all), the newest first."""
        names = [
            path.name for path in self.root.glob(f"{beginning}*") if _DIGEST.fullmatch(path.name)
        ]
        found = [each for name in names if (each := self.get(name)) is not None]
        return sorted(found, key=lambda each: each.created, reverse=True)

    def one(self, beginning: str) -> Environment:
        """The one environment whose digest begins so.

        Raises:
            EnvironmentNotFound: There is none, or more than one.
        """
        found = self.find(beginning)
        if len(found) == 1:
            return found[0]
        few = f"{len(found)} environments begin with {beginning}" if found else ""
        raise EnvironmentNotFound(
            f"{few or f'No environment {beginning} is kept here'}.",
            next_step="hubroam env list shows those that are kept.",
        )

    def used(self, digest: str) -> float:
        """When an environment was last asked for, in seconds since the epoch; 0 for never."""
        try:
            return (self.root / digest / _FACTS).stat().st_mtime
        except OSError:
            return 0.0

    def touch(self, digest: str) -> None:
        """An environment is asked for now."""
        with suppress(OSError):
            os.utime(self.root / digest / _FACTS)

    def forget(self, digest: str) -> None:
        """Remove an environment, and not its log."""
        published = self._published(digest)
        (self.root / digest).unlink(missing_ok=True)
        if published is not None:
            self.discard(published)

    def log_path(self, digest: str) -> Path:
        """The log of the newest build of that digest, whether it went well or not."""
        return self.root / "logs" / f"{digest}.log"

    def build_lock(self, digest: str) -> Path:
        """The file that is locked while a process builds that digest."""
        return self.root / "locks" / f"{digest}.lock"

    def begin(self, digest: str) -> Path:
        """A new folder to build in; call it with the build lock held."""
        for left in self._builds.glob(f"{digest}-*"):
            if left != self._published(digest):
                self.discard(left)
        folder = self._builds / f"{digest}-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        return folder

    def publish(self, digest: str, folder: Path, facts: BuildFacts) -> Environment:
        """Make a finished build the environment of its digest, at once and as a whole."""
        (folder / _FACTS).write_text(json.dumps(asdict(facts), indent=2), encoding="utf-8")
        link = self.root / f".{digest}-{secrets.token_hex(4)}"
        link.symlink_to(folder.relative_to(self.root))
        link.rename(self.root / digest)
        environment = self.get(digest)
        assert environment is not None  # noqa: S101 (it has just been written)
        return environment

    def discard(self, folder: Path) -> None:
        """Remove a build that did not come to its end, and end what it left running."""
        end_leftovers(str(folder))
        shutil.rmtree(folder, ignore_errors=True)

    def clean(self) -> None:
        """Remove what killed processes left half built; builds that run now are let alone."""
        for folder in self._builds.iterdir():
            digest = folder.name.partition("-")[0]
            if folder == self._published(digest):
                continue
            try:
                with FileLock(self.build_lock(digest), timeout=0):
                    if folder != self._published(digest):
                        self.discard(folder)
            except Timeout:
                continue

    def _published(self, digest: str) -> Path | None:
        link = self.root / digest
        return self.root / link.readlink() if link.is_symlink() else None


@dataclass(frozen=True)
class BuildFacts:
    """What is written of a build: see `Environment`.

    Attributes:
        resolved: The names of the packages that the recipe's own files led to, without those that
            ``postBuild`` or a server of its own brought.
        left_out: Files of the recipe that were too large to be kept.
    """

    builder: str
    created: str
    seconds: float
    server: str
    interpreter: str
    steps: list[str]
    tools: dict[str, str]
    local: list[str]
    variables: dict[str, str]
    resolved: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    image: dict[str, str] | None = None
    substituted: dict[str, str] = field(default_factory=dict)
