"""A container engine of the tests' own: Debian's Docker, and an image to build on.

No registry of images can be reached: the base image is a Debian made by debootstrap, with Jupyter
installed into it. What it takes minutes to make is kept in the user's cache folder, the daemon's
images among it, so one test file at a time has the daemon.  ``python -m support.dockerd`` makes it
ahead of them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import psutil
import pytest
from filelock import FileLock
from platformdirs import user_cache_path
from uv import find_uv_bin

from hubroam.environments.containers.engine import HUB_LABEL
from hubroam.hub.engine import hub_label
from hubroam.network import network_settings
from support.logged import LoggedProgram

_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Raised when what follows is made in another way.
_MADE = "2"
_SUITE = "bookworm"
_PACKAGES = ("jupyterhub", "jupyterlab")
#: What Dockerfile recipes of tests begin with.
BASE = "hubroam-tests/base"

#: Docker's own program, of the daemon's version: a newer one that comes first on PATH may lack
#: what the daemon has.
DOCKER = "/usr/bin/docker"


@dataclass(frozen=True)
class Docker:
    """A running daemon.

    Attributes:
        url: Where it answers.
        base: The image with Jupyter.
        bare: The image without.
    """

    url: str
    base: str
    bare: str

    @property
    def config(self) -> str:
        """What lets a hub use it."""
        return f"c.ContainerEngine.url = {self.url!r}\nc.ContainerEngine.command = {DOCKER!r}\n"

    def client(self) -> docker.DockerClient:
        """A connection."""
        return docker.DockerClient(base_url=self.url)


@contextmanager
def dockerd(registry: str = "") -> Iterator[Docker]:
    """Run a daemon with its base images.

    Args:
        registry: A registry without https that it may use.

    Skips the test, and in CI fails it, where that cannot be.
    """
    cache = user_cache_path("hubroam-tests", ensure_exists=True) / "docker"
    cache.mkdir(exist_ok=True, mode=0o700)
    with FileLock(f"{cache}.lock"), tempfile.TemporaryDirectory(prefix="dockerd-") as short:
        _check()  # other tests' daemon has ended by now
        folder = Path(short)  # sockets' names are short
        url = f"unix://{folder}/docker.sock"
        command = [
            "dockerd",
            *("--host", url),
            *("--data-root", str(cache)),
            *("--exec-root", str(folder / "exec")),
            *("--pidfile", str(folder / "pid")),
            *(("--insecure-registry", registry) if registry else ()),
        ]
        rules = subprocess.run(["iptables-save"], capture_output=True, check=True).stdout
        bridge = Path("/sys/class/net/docker0").exists()
        program = LoggedProgram(
            command, ready="API listen on", folder=folder, environment=dict(os.environ)
        )
        try:
            program.__enter__()
        except RuntimeError as error:
            cannot(f"dockerd does not start: {error}")
        try:
            with closing(docker.DockerClient(base_url=url, timeout=600)) as client:
                _remove_all_but_bases(client)
                base, bare = _images(client)
            yield Docker(url, base, bare)
            with closing(docker.DockerClient(base_url=url, timeout=600)) as client:
                _remove_all_but_bases(client)
        finally:
            program.__exit__()
            for left in (folder / "exec/netns").glob(
                "*"
            ):  # of containers on this machine's network
                subprocess.run(["umount", left], check=True)
            subprocess.run(["iptables-restore"], input=rules, check=True)
            if not bridge:
                subprocess.run(["ip", "link", "delete", "docker0"], capture_output=True)


def _check() -> None:
    if os.geteuid() != 0:
        cannot("dockerd needs root")
    for program in ("dockerd", "debootstrap", "iptables-save", DOCKER):
        if shutil.which(program) is None:
            cannot(f"{program} is not installed: apt install docker.io debootstrap iptables")
    if any(process.info["name"] == "dockerd" for process in psutil.process_iter(["name"])):
        cannot("another Docker runs on this machine, and two share its firewall")


def of_hub(client: docker.DockerClient, folder: Path) -> list[Any]:
    """The containers of a hub with its data in ``data`` below a folder, stopped ones too."""
    label = f"{HUB_LABEL}={hub_label(folder / 'data')}"
    return list(client.containers.list(all=True, filters={"label": label}))


def cannot(reason: str) -> None:
    """Skip a test for what this machine lacks; in CI, which has it, fail it."""
    if os.environ.get("CI"):
        pytest.fail(f"The tests of containers cannot run: {reason}")
    pytest.skip(reason)


def _remove_all_but_bases(client: docker.DockerClient) -> None:
    for container in client.containers.list(all=True):
        container.remove(force=True, v=True)
    client.networks.prune()
    client.volumes.prune()
    for image in client.images.list():
        if not set(base_names()).intersection(image.tags):
            client.images.remove(image.id, force=True)
    client.images.prune()


def base_names() -> tuple[str, str]:
    """The names of the images with and without Jupyter, by what they are made of."""
    made_of = [_MADE, _SUITE, *_PACKAGES, _CERTIFICATES.read_text()]
    digest = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:12]
    return f"{BASE}:{digest}", f"{BASE}-bare:{digest}"


def _images(client: docker.DockerClient) -> tuple[str, str]:
    """The base images' names; they are made when they are not there."""
    names = base_names()
    known = {tag for image in client.images.list() for tag in image.tags}
    if not known.issuperset(names):
        with tempfile.TemporaryDirectory(prefix="debian-") as folder:
            root = Path(folder) / "root"
            _bootstrap(root)
            _import(root, names[1], client)
            _install_jupyter(root)
            _import(root, names[0], client)
    return names


def _bootstrap(root: Path) -> None:
    packages = "--include=python3,ca-certificates"
    command = ["debootstrap", "--variant=minbase", packages, _SUITE, str(root)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
    for useless in ("usr/share/doc", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(root / useless)
        (root / useless).mkdir()
    # as the machine reaches the package registry, so do its containers
    shutil.copy(_CERTIFICATES, root / _CERTIFICATES.relative_to("/"))
    shutil.copy(find_uv_bin(), root / "usr/local/bin/uv")


def _install_jupyter(root: Path) -> None:
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    done = subprocess.run(
        ["chroot", root, "uv", "pip", "install", *_OPTIONS, *_PACKAGES],
        env={**network_settings(), **_VARIABLES, "HOME": "/root"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


_OPTIONS = ("--system", "--break-system-packages", "--no-cache", "--compile-bytecode")
_VARIABLES = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "SSL_CERT_FILE": str(_CERTIFICATES),
    "LANG": "C.UTF-8",
}


def _import(root: Path, name: str, client: docker.DockerClient) -> None:
    changes = [f"ENV {name}={value}" for name, value in _VARIABLES.items()]
    with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as archive:
        repository, _, tag = name.rpartition(":")
        client.api.import_image_from_data(
            _chunks(archive.stdout), repository=repository, tag=tag, changes=changes
        )
    assert archive.returncode == 0


def _chunks(stream) -> Iterator[bytes]:
    while chunk := stream.read(1 << 20):
        yield chunk


def dockerfile(base: str, *lines: str) -> str:
    """Write a Dockerfile recipe as Binder's documentation asks for it.

    Args:
        base: The image that it begins with.
        lines: What comes before its user.
    """
    return "\n".join(
        [
            f"FROM {base}",
            *lines,
            "ARG NB_USER=jovyan",
            "ARG NB_UID=1000",
            "RUN useradd --create-home --uid ${NB_UID} ${NB_USER}",
            "WORKDIR /home/${NB_USER}",
            "COPY --chown=${NB_UID} . .",
            "USER ${NB_USER}",
            "",
        ]
    )


if __name__ == "__main__":
    with dockerd():
        pass
