"""Software Heritage, the archive of source code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from hubroam.errors import RepositoryNotFound
from hubroam.providers.archives.layouts import tarball
from hubroam.providers.archives.provider import ArchiveProvider, Found
from hubroam.providers.archives.service import RemoteFile, Service, Tell
from hubroam.providers.settings import Address
from hubroam.spec import BinderSpec


class SWHIDProvider(ArchiveProvider):
    """``swhid/swh:1:dir:<hash>`` or ``swhid/swh:1:rev:<hash>``: a folder, or that of a revision.

    BinderHub has no prefix for these ids; repo2docker reads the same two kinds.
    Asks as https://archive.softwareheritage.org/api/1/ says.
    """

    id = "swhid"
    archive = "Software Heritage"
    api_url = Address(
        "https://archive.softwareheritage.org/api/1",
        config=True,
        help="Where the API of Software Heritage is.",
    )

    def places(self) -> list[str]:
        """The addresses that the operator named."""
        return [self.api_url]

    async def find(self, service: Service, spec: BinderSpec) -> Found:
        """Find the folder that an id means: the hash of its content, as git has it."""
        swhid = spec.repository
        name = f"{service.name} {swhid}"
        *_, kind, folder = swhid.split(":")
        if kind == "rev":
            revision = await service.json(f"{self.api_url}/revision/{folder}/", name)
            with service.understood(name):
                folder = format(int(revision["directory"], 16), "040x")
        return Found(
            spec=spec,
            name=name,
            page=f"https://archive.softwareheritage.org/{swhid}",
            source=self.api_url,
            version=folder,
            files=partial(self._files, f"{self.api_url}/vault/flat/swh:1:dir:{folder}/", name),
            layout=tarball,
            tree=folder,
        )

    async def _files(
        self, api: str, name: str, service: Service, tell: Tell
    ) -> Sequence[RemoteFile]:
        """The one file that Software Heritage packs a folder into, when somebody asks for it."""
        task = await service.json(api, name, method="POST")
        while True:
            with service.understood(name):
                status = str(task["status"])
            if status == "done":
                return [RemoteFile(path="folder.tar.gz", url=f"{api}raw/")]
            if status == "failed":
                raise RepositoryNotFound(
                    f"{name} cannot be packed by {service.name}.",
                    next_step="Try again later, or launch the repository that it is of.",
                )
            tell(f"{name} is being packed")
            await asyncio.sleep(self.poll_interval)
            task = await service.json(api, name)
