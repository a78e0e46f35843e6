"""Removing images that nobody has used for long, or for which there is no room."""

from __future__ import annotations

import time
from dataclasses import dataclass

import docker.errors

from hubroam.environments.containers.engine import ContainerEngine
from hubroam.environments.store import Environment, EnvironmentStore

# Seconds in which an image that was used stays whatever its size: a session may be starting.
_GRACE = 3600.0


@dataclass(frozen=True)
class _Kept:
    environment: Environment
    used: float
    size: int


def collect(
    store: EnvironmentStore, engine: ContainerEngine, *, age: float, room: int
) -> list[str]:
    """Remove images, and their environments, the longest unused first.

    Images that a container has, and those that were used within the hour, stay.

    Args:
        store: The environments; images that it does not know are not touched.
        engine: Who has the images.
        age: Seconds after which an unused image goes.
        room: Bytes that all of them may take, what they share with others not counted.

    Returns:
        The names of the images that were removed.

    Raises:
        EngineUnreachable: The engine does not answer.
    """
    now = time.time()
    removed = []
    with engine.client(timeout=600) as client:
        sizes = {
            image["Id"]: image["Size"] - max(image.get("SharedSize") or 0, 0)
            for image in client.df().get("Images") or ()
        }
        busy = {container["ImageID"] for container in client.api.containers(all=True)}
        kept = sorted(
            (
                _Kept(each, store.used(each.digest), sizes.get(each.image.id, 0))
                for each in store.find()
                if each.image is not None and each.image.id not in busy
            ),
            key=lambda each: each.used,
        )
        total = sum(sizes.get(e.image.id, 0) for e in store.find() if e.image is not None)
        for each in kept:
            old = now - each.used > age
            if not old and (total <= room or now - each.used < _GRACE):
                continue
            image = each.environment.image
            assert image is not None  # noqa: S101 (as chosen above)
            try:
                client.images.remove(image.id, force=True)
            except docker.errors.ImageNotFound:
                pass  # somebody else was faster
            except docker.errors.APIError:
                continue  # a container was started from it meanwhile
            store.forget(each.environment.digest)
            total -= each.size
            removed.append(image.name)
    return removed
