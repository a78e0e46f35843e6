"""CKAN, which many portals of open data run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from hubroam.errors import RepositoryNotFound, RepositoryRefused
from hubroam.providers.archives.entries import shown
from hubroam.providers.archives.layouts import as_they_are
from hubroam.providers.archives.provider import Found, HostsProvider, known, seconds
from hubroam.providers.archives.service import RemoteFile, Service
from hubroam.spec import BinderSpec

_PAGE = re.compile(
    r"(?P<place>https?://.+?)/dataset/(?P<id>[^/?#]+)(?:/history/(?P<activity>[^/?#]+))?"
)


class CKANProvider(HostsProvider):
    """``ckan/<URL of a dataset>``: as it is now, or at one moment of its history.

    Asks as https://docs.ckan.org/en/latest/api/ says.
    """

    id = "ckan"
    archive = "CKAN"

    async def find(self, service: Service, spec: BinderSpec) -> Found:
        """Find when the dataset was changed, and its resources."""
        page = _PAGE.match(spec.repository)
        if page is None:
            raise RepositoryNotFound(
                "The CKAN spec is not the address of a dataset.",
                next_step="Copy it from the dataset's page; it has /dataset/ in it.",
            )
        host = self.host(page["place"])
        if not host:
            raise RepositoryRefused(
                f"This hub does not launch datasets of {urlsplit(page['place']).netloc}.",
                next_step="Ask the people who run this hub.",
            )
        number = unquote(page["id"])
        name = f"{service.name} dataset {shown(number)}"
        query = parse_qs(urlsplit(spec.repository).query)
        activity = unquote(page["activity"] or "") or query.get("activity_id", [""])[0]
        api = f"{host}/api/3/action"
        url = f"{api}/package_show?{urlencode({'id': number})}"
        if activity:
            asked = {"id": activity, "object_type": "package"}
            url = f"{api}/activity_data_show?{urlencode(asked)}"
        answer = await service.json(url, name)
        with service.understood(name):
            dataset = answer["result"]
            changed = seconds(dataset["metadata_modified"])
            files = _files(dataset["resources"])

        return Found(
            spec=spec,
            name=name,
            page=spec.repository,
            source=url,
            version=f"{shown(number)}.v{changed}",
            files=known(files),
            layout=as_they_are,
        )


def _files(resources: Sequence[dict[str, Any]]) -> list[RemoteFile]:
    """The resources that have an address, by the last part of it.

    Where two have one name, the later is put into a folder that its id names.
    """
    files: dict[str, RemoteFile] = {}
    for resource in resources:
        url = str(resource["url"] or "")
        if not url:
            continue
        path = urlsplit(url).path.rpartition("/")[2] or str(resource["id"])
        if path in files:
            path = f"{resource['id']}/{path}"
        # of a link to elsewhere the size is what somebody typed
        size = resource.get("size") if resource.get("url_type") == "upload" else None
        files[path] = RemoteFile(path, url, None if size is None else int(size))
    return list(files.values())
