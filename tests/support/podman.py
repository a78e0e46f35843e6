"""Podman behind Docker's API, with the base image that the tests' Docker has.

It is kept in the user's cache folder, as Docker's images are. This machine's network is its
containers' own: for others Podman wants plugins, and rules of the firewall that Docker has too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import docker
from filelock import FileLock
from platformdirs import user_cache_path

from support.dockerd import Docker, base_names, cannot, dockerd
from support.logged import LoggedProgram

PROGRAM = "/usr/bin/podman"

# Lower limits than Podman's, which need not be within those of whoever runs the tests; runc goes
# with control groups of the first version, which crun does not everywhere.
_SETTINGS = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


class Podman(Docker):
    """A running service; it has no image without Jupyter."""

    @property
    def config(self) -> str:
        """What lets a hub use it."""
        return (
            f"c.ContainerEngine.url = {self.url!r}\n"
            f"c.ContainerEngine.command = {PROGRAM!r}\n"
            "c.DockerSpawner.network_name = 'host'\n"
        )


@contextmanager
def podman() -> Iterator[Podman]:
    """Run Podman's service with the base image of `support.dockerd`.

    Skips the test, and in CI fails it, where that cannot be.
    """
    _check()
    cache = user_cache_path("hubroam-tests", ensure_exists=True) / "podman"
    cache.mkdir(exist_ok=True, mode=0o700)
    with FileLock(f"{cache}.lock"), tempfile.TemporaryDirectory(prefix="podman-") as short:
        folder = Path(short)  # sockets' names are short
        settings = folder / "containers.conf"
        settings.write_text(_SETTINGS)
        url = f"unix://{folder}/podman.sock"
        command = [
            *(PROGRAM, "--log-level", "info"),
            # its database knows them: always the same
            *("--root", str(cache / "root")),
            *("--runroot", str(cache / "run")),
            *("--tmpdir", str(cache / "tmp")),
            *("system", "service", "--time", "0", url),
        ]
        for name in ("run", "tmp"):  # which a machine's start empties
            shutil.rmtree(cache / name, ignore_errors=True)
        program = LoggedProgram(
            command,
            ready="API service listening on",
            folder=folder,
            environment={**os.environ, "CONTAINERS_CONF": str(settings)},
        )
        try:
            program.__enter__()
        except RuntimeError as error:
            cannot(f"Podman does not start: {error}")
        try:
            with closing(docker.DockerClient(base_url=url, timeout=600)) as client:
                base = _base(client)
                _remove_all_but(base, client)
                yield Podman(url, base, "")
                _remove_all_but(base, client)
        finally:
            program.__exit__()
            for left in sorted(_mounts(cache, folder), reverse=True):
                subprocess.run(["umount", left], check=True)


def _check() -> None:
    if os.geteuid() != 0:
        cannot("Podman is tested as root")
    for program in (PROGRAM, "runc", "catatonit"):
        if shutil.which(program) is None:
            cannot(f"{program} is not installed: apt install podman runc catatonit")


def _base(client: docker.DockerClient) -> str:
    """The image with Jupyter; from the tests' Docker when it is not there."""
    name = f"localhost/{base_names()[0]}"
    if not client.images.list(name):
        with dockerd() as running, closing(running.client()) as theirs:
            client.images.load(theirs.images.get(running.base).save(named=True))
    return name


def _mounts(*folders: Path) -> list[str]:
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [each for each in points if any(Path(each).is_relative_to(f) for f in folders)]


def _remove_all_but(base: str, client: docker.DockerClient) -> None:
    for container in client.containers.list(all=True):
        container.remove(force=True, v=True)
    client.volumes.prune()
    for image in client.images.list():
        if base not in image.tags:
            client.images.remove(image.id, force=True)
