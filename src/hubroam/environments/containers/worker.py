"""Has an image: ``python -m hubroam.environments.containers.worker``.

A program of its own, since repo2docker waits where it works, and a build that is stopped must be
over at once. It reads one JSON document from the file that it is given, says what it does by lines
on its output, repo2docker's own among them, and writes one JSON document to ``answer``:

===============  =================================================================================
``source``       the repository's files
``image``        the image's name
``engine``       where the container engine answers
``command``      the program that builds
``registry``     whether the name's registry is asked first, and gets the image afterwards
``build_args``   build arguments
``memory``       what each step of the build may have; empty for no limit
``repo2docker``  settings of repo2docker's classes
``labels``       what the image is labelled with; one that is there and has them is not built again
``answer``       where the result goes
===============  =================================================================================

The answer holds ``image`` (see `hubroam.environments.Image`) and ``registry`` (the image's name by
digest in the registry, or nothing); or ``problem``, which is ``build``, ``recipe``,
``server``, ``home`` or ``engine``, and perhaps ``message`` and ``next_step``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import docker
import docker.errors

from hubroam.environments.containers.engine import DIGEST_LABEL, HARDENED, ContainerEngine, user_of
from hubroam.environments.containers.repo2docker import build
from hubroam.errors import EngineUnreachable

# Finds out what an image can serve; it runs in the image, which is a stranger's, and tells by its
# exit status.
_PROBE = """
[ -w "$HOME" ] || exit 13
command -v jupyterhub-singleuser >/dev/null && exit 10
command -v jupyter-lab >/dev/null || command -v jupyter-notebook >/dev/null && exit 11
exit 12
"""
_SERVERS = {10: "hub", 11: "plain", 12: "server", 13: "home"}
# Seconds that the engine may take to start a container; and to answer anything at all.
_PROBE_TIMEOUT, _LONGEST = 60, 3600


def say(line: str) -> None:
    """Tell what happens."""
    print(line, flush=True)


class Worker:
    """One job.

    Args:
        job: See the module.
        client: The engine.
    """

    def __init__(self, job: dict[str, Any], client: docker.DockerClient) -> None:
        self.job = job
        self.client = client
        self.name: str = job["image"]

    def run(self) -> dict[str, Any]:
        """Have the image; returns the answer."""
        image = self._find()
        pushed = ""
        if image is None and self.job["registry"]:
            image = self._pull()
        if image is None:
            try:
                build(self.job)
            except CalledProcessError:
                return {"problem": "build"}  # the output says why
            except Exception as error:  # repo2docker's own, of many kinds
                say(f"repo2docker: {error}")
                return {"problem": "recipe", "message": str(error)}
            image = self.client.images.get(self.name)
            if self.job["registry"]:
                self._push()
                image.reload()
        server = self._probe(image)
        if server not in ("hub", "plain"):
            return {"problem": server}
        if self.job["registry"]:
            repository = self.name.rpartition(":")[0]
            digests = image.attrs.get("RepoDigests") or []
            pushed = next((d for d in digests if d.startswith(f"{repository}@")), "")
        about = image.attrs["Config"]
        return {
            "image": {
                "name": self.name,
                "id": image.id,
                "server": server,
                "folder": about.get("WorkingDir") or "",
                "user": about.get("User") or "",
            },
            "registry": pushed,
        }

    def _find(self) -> Any:
        """The engine's own image of that name, if it is the one that is wanted."""
        try:
            image = self.client.images.get(self.name)
        except docker.errors.ImageNotFound:
            return None
        if not self._is_wanted(image):
            return None
        say(f"The image {self.name} is here")
        return image

    def _is_wanted(self, image: Any) -> bool:
        """Whether an image was made as it would be now; a BinderHub's says nothing of that."""
        made = (image.labels or {}).get(DIGEST_LABEL)
        return made in (None, self.job["labels"][DIGEST_LABEL])

    def _pull(self) -> Any:
        say(f"Looking for {self.name} in its registry")
        repository, _, tag = self.name.rpartition(":")
        try:
            image = self.client.images.pull(repository, tag=tag)
        except docker.errors.NotFound:
            say("It is not there")
            return None
        except docker.errors.APIError as error:
            say(f"The registry does not give it: {error.explanation}")
            return None
        if not self._is_wanted(image):
            say("It is there, and was made in another way")
            return None
        say("It is there, and need not be built")
        return image

    def _push(self) -> None:
        """Push the image; it is good without, so a registry that refuses it is only told of."""
        say(f"Pushing {self.name}")
        repository, _, tag = self.name.rpartition(":")
        try:
            for line in self.client.images.push(repository, tag=tag, stream=True, decode=True):
                if "error" in line:
                    say(f"The registry does not take it: {line['error']}")
                    return
        except docker.errors.APIError as error:
            say(f"The registry does not take it: {error.explanation}")
            return
        say("It is in the registry")

    def _probe(self, image: Any) -> str:
        """What the image can serve: ``hub`` or ``plain``; or its problem."""
        container = None
        try:
            container = self.client.containers.create(
                image.id,
                entrypoint=["/bin/sh", "-c", _PROBE],
                command=[],
                network_mode="none",
                user=user_of(image.attrs["Config"].get("User") or ""),
                mem_limit="256m",
                pids_limit=64,
                **HARDENED,
            )
            container.start()
            status = container.wait(timeout=_PROBE_TIMEOUT)["StatusCode"]
            return _SERVERS.get(status, "server")
        except docker.errors.APIError as error:
            say(f"The image does not start: {error.explanation}")
            return "server"
        finally:
            if container is not None:
                container.remove(force=True)


def main(path: Path) -> int:
    """Do the job that a file describes; returns the exit status."""
    job = json.loads(path.read_text(encoding="utf-8"))
    engine = ContainerEngine(url=job["engine"])
    try:
        with engine.client(timeout=_LONGEST) as client:
            answer = Worker(job, client).run()
    except EngineUnreachable as error:
        answer = {"problem": "engine", **error.to_json()}
    Path(job["answer"]).write_text(json.dumps(answer), encoding="utf-8")
    return 1 if "problem" in answer else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
