"""The container engine: Docker, or Podman behind Docker's API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import docker
import docker.errors
import requests
from traitlets import Unicode
from traitlets.config import LoggingConfigurable

from hubroam.errors import ConfigurationError, EngineUnreachable

#: On all images that were built here: the environment's digest.
DIGEST_LABEL = "org.hubroam.environment"
#: On containers and networks: which hub made them.
HUB_LABEL = "org.hubroam.hub"

#: How containers of strangers' images run: no privilege, and none to be had.
HARDENED: dict[str, Any] = {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]}

# Who runs what an image leaves to root: BinderHub's user and group.
_USER = "1000:100"
_ROOT = ("", "root", "0")

# Seconds for an answer that takes no work.
_TIMEOUT = 60


def user_of(image_user: str) -> str:
    """Who a container runs as.

    Args:
        image_user: What the image says, ``Config.User``.
    """
    return _USER if image_user.partition(":")[0] in _ROOT else image_user


class ContainerEngine(LoggingConfigurable):
    """Where containers run.

    What is asked of it here is asked in a thread, or where nobody waits.
    """

    url = Unicode(
        config=True,
        help="Where Docker's API answers, such as ``unix:///run/podman/podman.sock``; empty for "
        "``DOCKER_HOST``, or Docker's own place.",
    )
    command = Unicode("docker", config=True, help="The program that builds: docker or podman.")

    @property
    def address(self) -> str:
        """As `url`, always with an address."""
        return self.url or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"

    @contextmanager
    def client(self, timeout: int = _TIMEOUT) -> Iterator[docker.DockerClient]:
        """A connection.

        Raises:
            EngineUnreachable: Nothing answers, on entering or later.
        """
        try:
            client = docker.DockerClient(base_url=self.address, version="auto", timeout=timeout)
        except docker.errors.DockerException as error:
            raise self._unreachable() from error
        try:
            yield client
        except requests.exceptions.ConnectionError as error:
            raise self._unreachable() from error
        finally:
            client.close()

    def version(self) -> str:
        """What answers: ``Docker 20.10.24`` or the like.

        Raises:
            EngineUnreachable: Nothing does.
        """
        with self.client() as client:
            about = client.version()
        names = [part.get("Name", "") for part in about.get("Components") or ()]
        kind = "Podman" if any("Podman" in name for name in names) else "Docker"
        return f"{kind} {about['Version']}"

    def images_of(self, digest: str, name: str) -> frozenset[str]:
        """The ids of the images of an environment: made for its digest, or of its name.

        Raises:
            EngineUnreachable: It does not answer.
        """
        with self.client() as client:
            found = client.images.list(filters={"label": f"{DIGEST_LABEL}={digest}"})
            with suppress(docker.errors.ImageNotFound):
                found.append(client.images.get(name))
            return frozenset(image.id for image in found)

    def make_network(self, label: str) -> str:
        """Make a network whose containers reach out, and this machine, but not each other.

        Args:
            label: Its name; nothing happens when it is there.

        Returns:
            Its name.
        """
        with self.client() as client:
            if not client.networks.list(names=[f"^{label}$"]):
                client.networks.create(
                    label,
                    driver="bridge",
                    options={"com.docker.network.bridge.enable_icc": "false"},
                    labels={HUB_LABEL: label},
                )
        return label

    def gateway(self, network: str) -> str:
        """This machine's address in a network.

        Raises:
            ConfigurationError: There is no such network, or it has none.
        """
        with self.client() as client:
            try:
                attrs = client.networks.get(network).attrs
            except docker.errors.NotFound:
                attrs = {}
        pools = (attrs.get("IPAM") or {}).get("Config") or []
        for pool in pools:
            if gateway := pool.get("Gateway"):
                return str(gateway)
        raise ConfigurationError(
            f"The engine has no network {network} in which this machine has an address.",
            next_step="Name another with c.DockerSpawner.network_name, or none, and one is made.",
        )

    def remove_of_hub(self, label: str) -> None:
        """Remove a hub's containers and its network."""
        with self.client() as client:
            own = {"label": f"{HUB_LABEL}={label}"}
            for container in client.containers.list(all=True, filters=own):
                with suppress(docker.errors.APIError):  # another one is removing it
                    container.remove(force=True, v=True)
            for network in client.networks.list(filters=own):
                with suppress(docker.errors.APIError):  # what is left of it serves the next hub
                    network.remove()

    def _unreachable(self) -> EngineUnreachable:
        return EngineUnreachable(
            f"No container engine answers at {self.address}.",
            next_step="Start Docker or Podman, or name where it is with c.ContainerEngine.url.",
        )
