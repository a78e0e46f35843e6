"""repo2docker as a library: its build packs, its settings, its log."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from repo2docker.app import Repo2Docker
from repo2docker.docker import DockerEngine
from repo2docker.utils import execute_cmd
from traitlets.config import Config

# The user of images, as BinderHub has it.
_USER, _UID = "jovyan", 1000

# Docker's own program had BuildKit built in until this version, and has it in a plugin since.
_BUILDX_ONLY = 23


class Engine(DockerEngine):
    """repo2docker's engine, for programs without ``buildx`` too, such as Debian's Docker.

    Attributes:
        program: docker or podman.
        memory: What each step may have, such as ``4G``; empty for no limit.
    """

    program = "docker"
    memory = ""

    @property
    def container_cli(self) -> str:
        """The program that is called."""
        return self.program

    def build(self, **wanted: Any) -> Iterator[str]:
        """Build an image; yields the program's output by lines.

        Args:
            wanted: As repo2docker's build packs call it.
        """
        wanted["load"] = not wanted.get("push")
        if not self.memory and self._answers("buildx", "version"):
            yield from super().build(**wanted)
            return
        yield from self._build_without_buildx(**wanted)

    def _build_without_buildx(self, **wanted: Any) -> Iterator[str]:
        """The same by ``build``, which is in every version of Docker's and Podman's program."""
        args = [self.program, "build", "--tag", wanted["tag"]]
        if self.memory:
            # BuildKit passes over these; the builder before it, and Podman's, hold them
            os.environ["DOCKER_BUILDKIT"] = "0"
            args += ["--memory", self.memory, "--memory-swap", self.memory]
        elif self._has_buildkit():
            os.environ["DOCKER_BUILDKIT"] = "1"
            args += ["--progress", "plain", "--platform", wanted["platform"]]
        for name, value in wanted["buildargs"].items():
            args += ["--build-arg", f"{name}={value}"]
        # those of repo2docker's own build packs are in what they generate
        for name, value in (wanted.get("labels") or {}).items():
            args += ["--label", f"{name}={value}"]
        for image in wanted["cache_from"]:
            args += ["--cache-from", image]
        if archive := wanted.get("fileobj"):
            with tempfile.TemporaryFile() as context:
                shutil.copyfileobj(archive, context)
                context.seek(0)
                yield from execute_cmd([*args, "-"], True, stdin=context)
        else:
            file = ["--file", wanted["dockerfile"]]
            yield from execute_cmd([*args, *file, wanted["path"]], True)

    def _has_buildkit(self) -> bool:
        if "podman" in Path(self.program).name:
            return False
        question = [self.program, "version", "--format", "{{.Client.Version}}"]
        answer = subprocess.run(question, capture_output=True, text=True)
        number = re.match(r"\d+", answer.stdout)
        return number is not None and int(number[0]) < _BUILDX_ONLY

    def _answers(self, *arguments: str) -> bool:
        done = subprocess.run([self.program, *arguments], capture_output=True)
        return done.returncode == 0


class Images(Repo2Docker):
    """repo2docker, told everything by a job and never to look for an image itself."""

    program, memory = "docker", ""

    def get_engine(self) -> Engine:
        """The engine."""
        engine = Engine(parent=self)
        engine.program, engine.memory = self.program, self.memory
        return engine

    def find_image(self) -> bool:
        """Who calls has looked."""
        return False


def build(job: dict[str, Any]) -> None:
    """Build an image.

    Args:
        job: See `hubroam.environments.containers.worker`.

    Raises:
        subprocess.CalledProcessError: It failed; the output says why.
    """
    app = application(job)
    app.initialize()
    app.build()


def application(job: dict[str, Any]) -> Images:
    """repo2docker as a job has it."""
    app = Images(config=Config(job["repo2docker"]))
    app.program, app.memory = job["command"], job["memory"]
    app.repo = job["source"]
    app.output_image_spec = job["image"]
    app.user_name, app.user_id = _USER, _UID
    app.run = app.push = False
    app.labels = {**app.labels, **job["labels"]}
    app.extra_build_args = {**job["build_args"], **app.extra_build_args}
    return app
