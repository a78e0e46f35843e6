"""Zenodo, and other archives that run InvenioRDM."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from traitlets import List, Unicode

from hubroam.errors import RepositoryRefused
from hubroam.providers.archives.doi import DoiProvider
from hubroam.providers.archives.entries import shown
from hubroam.providers.archives.layouts import one_zip_unpacked
from hubroam.providers.archives.provider import Found, HostsProvider
from hubroam.providers.archives.service import RemoteFile, Service, Tell, restricted
from hubroam.spec import BinderSpec

_PAGE = re.compile(r"(?P<place>https?://.+?)/records?/(?P<id>[A-Za-z0-9-]+)(?:$|[/?#])")


class ZenodoProvider(DoiProvider, HostsProvider):
    """``zenodo/<DOI>``: the DOI of a version, or the one of all versions, which means the newest.

    Asks as https://developers.zenodo.org and InvenioRDM's REST API say.
    """

    id = "zenodo"
    archive = "Zenodo"
    hosts = List(
        Unicode(),
        ["https://zenodo.org", "https://sandbox.zenodo.org", "https://data.caltech.edu"],
        minlen=1,  # what a record says of its DOI is believed
        config=True,
        help="Where Zenodo and other archives that run InvenioRDM are.",
    )

    async def find(self, service: Service, spec: BinderSpec) -> Found:
        """Find the record that a DOI leads to."""
        host, number = await self.landing(service, spec, self._page)
        name = f"{service.name} record {number}"
        api = f"{host}/api/records/{quote(number)}"
        record = await service.json(api, name)
        with service.understood(name):
            doi = record.get("doi") or record["pids"]["doi"]["identifier"]
            until = shown(str(record.get("metadata", {}).get("embargo_date", "")))
        return Found(
            spec=self.pinned(doi, spec),
            name=name,
            page=self.doi_page(str(doi)),
            source=api,
            version=number,
            files=partial(self._files, f"{api}/files", name, until),
            layout=one_zip_unpacked,
        )

    def _page(self, address: str) -> tuple[str, str] | None:
        """Host and number of the record whose page has an address."""
        match = _PAGE.match(address)
        host = self.host(match["place"]) if match else ""
        return (host, match["id"]) if match and host else None

    async def _files(
        self, api: str, name: str, until: str, service: Service, tell: Tell
    ) -> Sequence[RemoteFile]:
        try:
            listing = await service.json(api, name)
        except RepositoryRefused:
            raise restricted(name, until) from None
        with service.understood(name):
            return [
                RemoteFile(
                    path=str(entry["key"]),
                    url=str(entry["links"]["content"]),
                    size=int(entry["size"]),
                    checksum=str(entry.get("checksum") or ""),
                )
                for entry in listing["entries"]
            ]
