"""What a hub needs for containers: an engine that answers, and a network to be found in.

Sessions in containers ask the hub who opens them, so the hub's API must be where they reach it, and
should be nowhere else. A network of the hub's own is made, whose containers do not reach each
other; the API listens on its gateway, which is this machine's address in that network, and answers
others than this machine only what sessions' servers ask (`hubroam.hub.guard`). The proxy and the
Binder service stay on loopback.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from traitlets.config import Config

from hubroam.errors import ConfigurationError, EngineUnreachable, MissingExtra
from hubroam.hub.ports import free_port
from hubroam.hub.state import left_bind_url

if TYPE_CHECKING:
    from hubroam.environments.containers.engine import ContainerEngine


def hub_label(data_dir: Path) -> str:
    """What a hub's containers, network and volumes are named after: the same for each start."""
    return f"hubroam-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:10]}"


@dataclass(frozen=True)
class Containers:
    """An engine, ready for a hub's sessions.

    Attributes:
        engine: The engine.
        version: What it is, for people.
        label: See `hub_label`.
        builder: ``container`` or ``auto``.
        config: What JupyterHub needs to know of it.
    """

    engine: ContainerEngine
    version: str
    label: str
    builder: str
    config: Config

    def remove(self) -> None:
        """Remove the hub's containers and its network; what readers keep stays."""
        self.engine.remove_of_hub(self.label)


def containers(
    config: Config, stock: Config, data_dir: Path, log: logging.Logger
) -> Containers | None:
    """Have what `BinderService.builder` asks for.

    Args:
        config: Everything that is configured.
        stock: What of it is hubroam's default; what differs is the operator's own, and stays.
        data_dir: The hub's data folder.
        log: Is told what runs containers, or why nothing does.

    Returns:
        The engine; None where containers are not wanted, or only if there is one, and there is
        none.

    Raises:
        MissingExtra: ``hubroam[container]`` is not installed.
        ConfigurationError: No engine answers, or its containers could not reach the hub.
    """
    builder = config.get("BinderService", {}).get("builder", "local")
    if builder == "local":
        return None
    try:
        found = _prepare(config, data_dir, builder)
    except (ConfigurationError, MissingExtra) as error:
        if builder == "container":
            raise
        log.warning("No containers: %s %s", error.message, error.next_step)
        return None
    log.info("Containers run on %s", found.version)
    for trait in ("hub_bind_url", "spawner_class"):
        if config.JupyterHub[trait] != stock.JupyterHub[trait]:
            del found.config.JupyterHub[trait]
    return found


def _prepare(config: Config, data_dir: Path, builder: str) -> Containers:
    """Find the engine and make the hub's network."""
    try:
        from hubroam.environments.containers.engine import ContainerEngine
        from hubroam.hub.containers import ContainerSpawner
    except ImportError as error:
        raise MissingExtra(
            f"Containers need {error.name}, which is not installed.",
            next_step="Run: pip install 'hubroam[container]'",
        ) from None
    engine = ContainerEngine(config=config)
    label = hub_label(data_dir)
    try:
        version = engine.version()
        network = ContainerSpawner(config=config).network_name
        own = network == ContainerSpawner.network_name.default_value
        if own:
            network = engine.make_network(label)
        host = "127.0.0.1" if network == "host" else engine.gateway(network)
    except EngineUnreachable as error:
        raise ConfigurationError(error.message, next_step=error.next_step) from error
    c = Config()
    c.JupyterHub.spawner_class = "hubroam.hub.containers.EitherSpawner"
    c.JupyterHub.hub_bind_url = _bind_url(data_dir, host)
    c.ContainerSpawner.prefix = label
    c.ContainerSpawner.network_name = network
    c.ContainerSpawner.client_kwargs = {"base_url": engine.address}
    c.EitherSpawner.local = builder == "auto"
    if builder == "container":
        c.SessionSpawner.warm = False  # nothing would be forked
    return Containers(engine, version, label, builder, c)


def _bind_url(data_dir: Path, host: str) -> str:
    left = left_bind_url(data_dir)
    if left and urlsplit(left).hostname == host:
        return left
    try:
        return f"http://{host}:{free_port(host)}"
    except OSError:
        raise ConfigurationError(
            f"Containers could not reach the hub: {host}, the address of this machine in their "
            "network, is not this machine's to listen on, as with Podman and engines without root.",
            next_step="Let containers share this machine's network: "
            'c.DockerSpawner.network_name = "host"',
        ) from None
