"""The container builder: a repository's image by repo2docker, on Docker or Podman.

**What decides an image** is the whole repository: a Dockerfile may copy any file, and repo2docker's
other build packs put all of them into the image. So every commit that changes a file has an image
of its own, as on a BinderHub; the engine keeps the layers that did not change.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from traitlets import Bool, Dict, Float, Integer, Unicode, validate
from traitlets.config import LoggingConfigurable

from hubroam.environments.commands import Log, TimedOut, clean_environment, run
from hubroam.environments.containers.collecting import collect
from hubroam.environments.containers.engine import DIGEST_LABEL, ContainerEngine
from hubroam.environments.containers.failures import build_failure, refuse_links_out
from hubroam.environments.containers.names import image_name
from hubroam.environments.installing import Installed
from hubroam.environments.lock import IMAGE_LOCK
from hubroam.environments.port import Image, Origin, Plan
from hubroam.environments.store import Environment, EnvironmentStore
from hubroam.errors import BuildError, BuildTimeout, ConfigurationError, EngineUnreachable
from hubroam.recipes import Files, Recipe

#: Part of every digest: raised when the same recipe would give another image.
BUILDER_VERSION = "container-1"

# Proxies, whose build arguments leave no trace in an image.
_PROXY = re.compile(r"(https?|ftp|no|all)_proxy", re.IGNORECASE)

# A number of bytes, or of what the letter says.
_SIZE = re.compile(r"(?:[1-9]\d*[bkmg]?)?", re.IGNORECASE)

_UNUSABLE = {
    "server": "The image has no Jupyter server that could be started.",
    "home": "The image's user has no home folder that it may write to.",
}
_BINDERS_RULES = (
    "A Dockerfile for Binder installs jupyterlab and jupyterhub, and ends with a user whose number "
    "is 1000 and who owns their home."
)


@dataclass(frozen=True)
class ImagePlan(Plan):
    """As `Plan`.

    Attributes:
        image: The name that the image gets.
        here: The ids of the images that the engine has, of this digest or of that name.
    """

    image: str
    here: frozenset[str]

    def usable(self, environment: Environment) -> bool:
        """Whether the engine still has the image."""
        return environment.image is not None and environment.image.id in self.here


class ContainerBuilder(LoggingConfigurable):
    """Builds images of whole repositories."""

    name = "container"
    #: What repo2docker reads.
    recipe_files = (
        "Dockerfile",
        "environment.yml",
        "environment.yaml",
        "requirements.txt",
        "runtime.txt",
        "setup.py",
        "pyproject.toml",
        "Pipfile",
        "Pipfile.lock",
        "Project.toml",
        "JuliaProject.toml",
        "Manifest.toml",
        "REQUIRE",
        "install.R",
        "DESCRIPTION",
        "default.nix",
        "apt.txt",
        "postBuild",
        "start",
    )

    image_prefix = Unicode(
        "hubroam/",
        config=True,
        help="What images' names begin with; with a registry in front, such as "
        "``registry.example.org/binder-``, images are looked up there and pushed to it.",
    )
    use_registry = Bool(
        False,
        config=True,
        help="Whether ``image_prefix`` names a registry, in which images are looked up before they "
        "are built, and to which they are pushed.",
    )
    image_age = Float(
        30 * 24 * 3600.0, config=True, help="Seconds after which an image that nobody used goes."
    )
    image_room = Integer(
        50 * 2**30,
        config=True,
        help="Bytes that images may take before the longest unused go, without what they share.",
    )
    build_timeout = Float(3600.0, config=True, help="Seconds that a build may take.")
    build_memory = Unicode(
        config=True,
        help="Memory that each step of a build may have, such as ``4G``; empty for no limit. "
        "Docker holds it with the builder that it had before BuildKit.",
    )
    build_args = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        config=True,
        help="Build arguments for every image, such as ``{'PIP_INDEX_URL': '…'}``; proxies are "
        "passed on without being named.",
    )
    repo2docker = Dict(
        config=True,
        help="Settings of repo2docker's own classes, as it has them: "
        "``{'Repo2Docker': {'base_image': 'registry.example.org/buildpack-deps:24.04'}}``.",
    )

    @validate("build_memory")
    def _check_memory(self, proposal: dict[str, Any]) -> str:
        """A size as Docker and Podman write it.

        Raises:
            ConfigurationError: It is another.
        """
        value = str(proposal["value"])
        if not _SIZE.fullmatch(value):
            raise ConfigurationError(
                f"ContainerBuilder.build_memory is no size: {value!r}.",
                next_step='Write it like "4G" or "512M".',
            )
        return value.lower()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.engine = ContainerEngine(parent=self)

    def collect(self, store: EnvironmentStore) -> list[str]:
        """Remove images that are old or take too much room.

        Raises:
            EngineUnreachable: The engine does not answer.
        """
        return collect(store, self.engine, age=self.image_age, room=self.image_room)

    def read(self, files: Files) -> Recipe:
        """Every repository has an image."""
        return Recipe.of_image(files.digest(), "")

    async def plan(
        self,
        recipe: Recipe,
        say: Callable[[str], None] = lambda _: None,
        *,
        origin: Origin | None = None,
    ) -> ImagePlan:
        """Name the image: see `hubroam.environments.Builder`.

        Raises:
            EngineUnreachable: There is no engine to build it.
        """
        for step in recipe.steps:
            if reason := getattr(step, "reason", ""):
                say(f"Needs a container ({reason})")
        digest = replace(recipe, steps=()).digest(
            platform=f"{platform.system()} {platform.machine()}".lower(),
            interpreter=json.dumps([self.repo2docker, self.build_args], sort_keys=True),
            builder=BUILDER_VERSION,
        )
        name = image_name(self.image_prefix, origin or Origin("", "folder", ""), recipe.tree)
        here = await asyncio.to_thread(self.engine.images_of, digest, name)
        return ImagePlan(recipe, digest, f"repo2docker {_repo2docker()}", self, name, here)

    async def build(
        self, plan: ImagePlan, source: Path, target: Path, *, cache: Path, log: Log
    ) -> Installed:
        """Have the image: pulled where a registry has it, else built: see `PlanBuilder`."""
        refuse_links_out(source, self.recipe_files)
        job, answer = target / "job.json", target / "answer.json"
        document = {
            "source": str(source),
            "image": plan.image,
            "engine": self.engine.address,
            "command": self.engine.command,
            "registry": self.use_registry,
            "build_args": {**_proxies(), **self.build_args},
            "memory": self.build_memory,
            "repo2docker": self.repo2docker,
            "labels": {DIGEST_LABEL: plan.digest},
            "answer": str(answer),
        }
        job.write_text(json.dumps(document), encoding="utf-8")
        try:
            status, output = await run(
                [sys.executable, "-P", "-m", "hubroam.environments.containers.worker", str(job)],
                folder=target,
                environment={
                    # credentials of registries are the engine's user's, in their usual place
                    **clean_environment(Path.home(), build=target),
                    "DOCKER_HOST": self.engine.address,
                    "CONTAINER_HOST": self.engine.address,  # Podman's name for it
                    "PYTHONUNBUFFERED": "1",
                },
                log=log,
                timeout=self.build_timeout,
            )
        except TimedOut:
            raise BuildTimeout(
                f"The build took longer than {self.build_timeout:.0f} seconds.",
                next_step="Tell the book's author, or the people who run this hub.",
            ) from None
        result = _read(answer)
        if reason := _UNUSABLE.get(result.get("problem", "")):
            raise BuildError(reason, next_step=f"Tell the book's author. {_BINDERS_RULES}")
        if result.get("problem") == "engine":
            raise EngineUnreachable(result["message"], next_step=result["next_step"])
        if status or "image" not in result:
            raise build_failure(source, output, result.get("message", ""), memory=self.build_memory)
        image = Image(**result["image"])
        lock = {**asdict(image), "registry": result["registry"], "tools": self.tools}
        (target / IMAGE_LOCK).write_text(json.dumps(lock, indent=2), encoding="utf-8")
        for path in (job, answer):
            await asyncio.to_thread(path.unlink)
        return Installed("environment", [], {}, image=asdict(image))

    @property
    def tools(self) -> dict[str, str]:
        """Versions of what builds."""
        return {"jupyter-repo2docker": _repo2docker(), "builder": BUILDER_VERSION}


def _repo2docker() -> str:
    return version("jupyter-repo2docker")


def _read(answer: Path) -> dict[str, Any]:
    try:
        document = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _proxies() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if _PROXY.fullmatch(name)}
