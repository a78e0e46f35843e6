"""Dataverse, whose installations are many."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from hubroam.errors import RepositoryNotFound
from hubroam.providers.archives.doi import DoiProvider
from hubroam.providers.archives.layouts import as_they_are
from hubroam.providers.archives.provider import Found, HostsProvider, known
from hubroam.providers.archives.service import RemoteFile, Service, restricted
from hubroam.spec import BinderSpec

_PAGE = re.compile(r"/(?P<kind>dataset\.xhtml|file\.xhtml|citation)")


class DataverseProvider(DoiProvider, HostsProvider):
    """``dataverse/<DOI>``: the DOI of a dataset, or of one of its files, which means its dataset.

    The newest published version is taken, as BinderHub does: a dataset's versions share its DOI.
    Asks as https://guides.dataverse.org/en/latest/api/ says.
    """

    id = "dataverse"
    archive = "Dataverse"

    async def find(self, service: Service, spec: BinderSpec) -> Found:
        """Find the newest version of the dataset that a DOI leads to."""
        host, kind, persistent_id = await self.landing(service, spec, self._page)
        name = f"{service.name} dataset {spec.repository}"
        if kind == "file.xhtml":
            persistent_id = await self._dataset_of(service, host, persistent_id, name)
        try:
            dataset = await self._dataset(service, host, persistent_id, name)
        except RepositoryNotFound:
            if kind != "citation":  # which is the page of a file too
                raise
            persistent_id = await self._dataset_of(service, host, persistent_id, name)
            dataset = await self._dataset(service, host, persistent_id, name)
        with service.understood(name):
            newest = dataset["latestVersion"]
            version = f"{int(newest['versionNumber'])}.{int(newest['versionMinorNumber'])}"
            files = [self._file(host, file, name) for file in newest["files"]]
            number = int(dataset["id"])

        return Found(
            spec=spec,  # not the DOI that an installation says it has: it may be another's
            name=f"{name}, version {version}",
            page=self.doi_page(spec.repository),
            source=host,
            version=f"{number}.v{version}",
            files=known(files),
            layout=as_they_are,
        )

    def _page(self, address: str) -> tuple[str, str, str] | None:
        """Host, kind of page and persistent id of what a page is of."""
        parts = urlsplit(address)
        match = _PAGE.fullmatch(parts.path)
        ids = parse_qs(parts.query).get("persistentId")
        host = self.host(f"{parts.scheme}://{parts.netloc}")
        return (host, match["kind"], ids[0]) if match and ids and host else None

    async def _dataset(self, service: Service, host: str, persistent_id: str, name: str) -> Any:
        query = urlencode({"persistentId": persistent_id})
        answer = await service.json(f"{host}/api/datasets/:persistentId/?{query}", name)
        with service.understood(name):
            return answer["data"]

    async def _dataset_of(self, service: Service, host: str, file_id: str, name: str) -> str:
        query = urlencode({"persistentId": file_id, "returnDatasetVersion": "true"})
        answer = await service.json(f"{host}/api/files/:persistentId/?{query}", name)
        with service.understood(name):
            return str(answer["data"]["datasetVersion"]["datasetPersistentId"])

    def _file(self, host: str, file: dict[str, Any], name: str) -> RemoteFile:
        """A file as it was uploaded: Dataverse turns tables into a format of its own.

        What it says of a table's checksum is not always that of the upload (dataverse 9501).
        """
        data = file["dataFile"]
        original = data.get("originalFileName")
        path = "/".join(filter(None, [file.get("directoryLabel"), original or file["label"]]))
        if file.get("restricted"):
            raise restricted(f"{path} of {name}")
        checksum = data.get("checksum") or {}
        kind = str(checksum.get("type", "")).replace("-", "").lower()
        table = bool(original or data.get("originalFileFormat"))
        size = data.get("originalFileSize") if table else data.get("filesize")
        return RemoteFile(
            path=path,
            url=f"{host}/api/access/datafile/{int(data['id'])}?format=original",
            size=None if size is None else int(size),
            checksum=f"{kind}:{checksum['value']}" if kind and not table else "",
        )
