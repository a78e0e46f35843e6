"""What a recipe asks for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True)
class InstallRequirements:
    """``pip install -r PATH``."""

    path: str


@dataclass(frozen=True)
class InstallProject:
    """``pip install DIRECTORY``; the root is ``.``."""

    directory: str


@dataclass(frozen=True)
class SyncUvLock:
    """``uv sync --frozen`` in a directory; the root is ``.``."""

    directory: str


@dataclass(frozen=True)
class InstallPipfile:
    """What a directory's Pipfile names, or its lock file where there is one."""

    directory: str
    locked: bool


@dataclass(frozen=True)
class InstallConda:
    """What an ``environment.yml`` names.

    Attributes:
        path: The file; pip reads paths from its folder.
        channels: Names or addresses, in their order; empty for the builder's own.
        packages: Conda's packages, each as conda writes it: ``numpy=2.1``, ``forge::r-base``.
        pip: Lines as in a requirements file, installed after them.
        lock: A lock file beside it that says what it comes to; None where there is none.
        variables: Names and values that a session has in its environment.
    """

    path: str
    channels: tuple[str, ...]
    packages: tuple[str, ...]
    pip: tuple[str, ...] = ()
    lock: str | None = None
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class InstallCounterparts:
    """Install from the Python index what an ``environment.yml`` names, where that is the same.

    Attributes:
        conda: What stands in the file; it is installed if this cannot be done.
        packages: Each of conda's packages as it stands there, and the requirement for the index;
            empty for Python itself, which the environment is made of.
        pinned: All that is installed, with its versions, once they are known.
    """

    conda: InstallConda
    packages: tuple[tuple[str, str], ...]
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True)
class InstallLocked:
    """Install what a lock has, with its hashes, then packages of the repository itself.

    Attributes:
        path: ``pylock.toml``.
        own: Folders that are installed as they are.
        variables: As in `InstallConda`, where the lock stands for one.
    """

    path: str
    own: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class BuildImage:
    """Make an image of the whole repository, by repo2docker and its rules.

    Attributes:
        reason: What asks for it, for people: ``Dockerfile: it describes a container``; empty where
            the operator has every recipe built so.
    """

    reason: str


@dataclass(frozen=True)
class UseR:
    """Have R, its kernel, and CRAN as it was on a day.

    Attributes:
        path: The file that asks for it: ``runtime.txt`` or ``DESCRIPTION``.
        version: ``4.2`` or ``4.2.3``; None for any.
        date: The day, ``2023-05-01``; None for two days before the build, as with repo2docker.
        lock: A lock of renv's that it must come to; None where there is none.
        url: Where that lock had CRAN.
    """

    path: str
    version: str | None = None
    date: str | None = None
    lock: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class RunInstallR:
    """``Rscript PATH``, in the checkout."""

    path: str


@dataclass(frozen=True)
class InstallDescription:
    """Install the repository itself, a package of R, and what its ``DESCRIPTION`` names."""

    path: str


@dataclass(frozen=True)
class RunPostBuild:
    """Run a script of the recipe's, in the checkout, after everything is installed."""

    path: str


#: What is done when Python's and conda's packages are there, in the order of the steps.
AFTERWARDS = (UseR, RunInstallR, InstallDescription, RunPostBuild)

Step = (
    InstallRequirements
    | InstallProject
    | SyncUvLock
    | InstallPipfile
    | InstallConda
    | InstallCounterparts
    | InstallLocked
    | BuildImage
    | UseR
    | RunInstallR
    | InstallDescription
    | RunPostBuild
)


@dataclass(frozen=True)
class Recipe:
    """What it takes to rebuild a repository's environment.

    Attributes:
        kind: ``python``, ``conda``, ``r``, ``container``, or ``default`` when the repository holds
            no recipe.
        directory: Where the recipe is: empty for the root, ``binder`` or ``.binder``.
        python: The Python that is asked for, a version (``3.12``) or a specifier (``>=3.11``).
        python_source: The file that asks for it.
        steps: What to do, in order.
        start: The ``start`` script's path; it is not part of the environment.
        apt: Packages of the operating system.
        apt_source: The file that names them.
        inputs: Path and content digest of every file and folder that decides the environment.
        tree: A digest of all of the repository's files, for builders that take all of them; empty
            where none does.
        named: The packages that it asks for, where these are names and versions and nothing else
            (no address, no path, no hash, no option); None otherwise.
    """

    kind: str
    directory: str
    python: str | None
    python_source: str | None
    steps: tuple[Step, ...]
    start: str | None
    apt: tuple[str, ...]
    apt_source: str | None
    inputs: tuple[tuple[str, str], ...]
    tree: str = ""
    named: tuple[str, ...] | None = None

    def digest(self, *, platform: str, interpreter: str, builder: str) -> str:
        """The environment's name: equal recipes on equal machines share an environment.

        Args:
            platform: Operating system and architecture.
            interpreter: The interpreter's implementation and full version.
            builder: The builder and its version.

        Returns:
            64 hex digits.
        """
        document = {
            "kind": self.kind,
            "python": self.python,
            "steps": [[type(step).__name__, asdict(step)] for step in self.steps],
            "apt": sorted(self.apt),
            "inputs": self.inputs,
            "platform": platform,
            "interpreter": interpreter,
            "builder": builder,
        }
        text = json.dumps(document, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def of_image(cls, tree: str, reason: str) -> Self:
        """The recipe of an image: any file of the repository may be part of it."""
        return cls(
            kind="container",
            directory="",
            python=None,
            python_source=None,
            steps=(BuildImage(reason),),
            start=None,  # it is in the image
            apt=(),
            apt_source=None,
            inputs=(("", tree),),
            tree=tree,
        )
