"""HydroShare."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import partial

from hubroam.errors import RepositoryNotFound
from hubroam.providers.archives.layouts import bag
from hubroam.providers.archives.provider import ArchiveProvider, Found, seconds
from hubroam.providers.archives.service import RemoteFile, Service, Tell
from hubroam.providers.settings import Address
from hubroam.spec import BinderSpec

_RESOURCE = re.compile(r"[0-9a-f]{32}")
_BAG_TYPES = ("application/zip", "application/octet-stream", "binary/octet-stream")


class HydroShareProvider(ArchiveProvider):
    """``hydroshare/<id or URL>``: a resource as it is now, told apart by when it was changed.

    Asks as https://www.hydroshare.org/hsapi/ says.
    """

    id = "hydroshare"
    archive = "HydroShare"
    base_url = Address("https://www.hydroshare.org", config=True, help="Where HydroShare is.")

    def places(self) -> list[str]:
        """The addresses that the operator named."""
        return [self.base_url]

    async def find(self, service: Service, spec: BinderSpec) -> Found:
        """Find when the resource was changed."""
        match = _RESOURCE.search(spec.repository)
        if match is None:
            raise RepositoryNotFound(
                f"{spec.repository} is no resource of {service.name}.",
                next_step="Give its id, which has 32 hex digits, or the address of its page.",
            )
        number = match[0]
        name = f"{service.name} resource {number}"
        api = f"{self.base_url}/hsapi/resource/{number}"
        facts = await service.json(f"{api}/scimeta/elements/", name)
        with service.understood(name):
            dates = {date["type"]: date["start_date"] for date in facts["dates"]}
            changed = seconds(dates["modified"])
        return Found(
            spec=self.pinned(number, spec),
            name=name,
            page=f"{self.base_url}/resource/{number}",
            source=api,
            version=f"{number}.v{changed}",
            files=partial(self._files, f"{api}/", name),
            layout=bag,
        )

    async def _files(
        self, api: str, name: str, service: Service, tell: Tell
    ) -> Sequence[RemoteFile]:
        """The one file that HydroShare packs a resource into, when somebody asks for it."""
        while True:
            async with service.opened(api, name) as reply:
                kind = reply.last.headers.get("Content-Type", "").partition(";")[0].strip()
                url = reply.last.url
            if kind in _BAG_TYPES:
                return [RemoteFile(path=url.rpartition("/")[2].partition("?")[0] or "bag", url=api)]
            tell(f"{name} is being packed")
            await asyncio.sleep(self.poll_interval)
