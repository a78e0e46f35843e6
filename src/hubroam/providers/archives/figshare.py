"""Figshare."""

from __future__ import annotations

import re

from hubroam.providers.archives.doi import DoiProvider
from hubroam.providers.archives.entries import shown
from hubroam.providers.archives.layouts import one_named_zip_unpacked
from hubroam.providers.archives.provider import Found, known
from hubroam.providers.archives.service import RemoteFile, Service, restricted
from hubroam.providers.settings import Address
from hubroam.spec import BinderSpec

# On figshare.com and on the portals of universities, which all have one API.
_PAGE = re.compile(
    r"https?://.+?/articles/(?:[^/]+/){1,2}?(?P<id>[0-9]+)(?:/(?P<version>[0-9]+))?/?(?:$|[?#])"
)


class FigshareProvider(DoiProvider):
    """``figshare/<DOI>``, with or without the version at its end (``.v2``).

    Asks as https://docs.figshare.com says.  A DOI without a version means the first, as in
    BinderHub and repo2docker.
    """

    id = "figshare"
    archive = "Figshare"
    api_url = Address("https://api.figshare.com/v2", config=True, help="Where Figshare's API is.")

    def places(self) -> list[str]:
        """The addresses that the operator named."""
        return [*super().places(), self.api_url]

    async def find(self, service: Service, spec: BinderSpec) -> Found:
        """Find the article that a DOI leads to."""
        page = await self.landing(service, spec, _PAGE.match)
        number, version = page["id"], page["version"] or "1"
        name = f"{service.name} article {number}, version {version}"
        api = f"{self.api_url}/articles/{number}"
        article = await service.json(f"{api}/versions/{version}", name)
        with service.understood(name):
            doi = str(article["doi"])
            files = [
                RemoteFile(
                    path=str(file["name"]),
                    url=str(file["download_url"]),
                    size=int(file["size"]),
                    checksum=f"md5:{file['computed_md5']}" if file.get("computed_md5") else "",
                )
                for file in article["files"]
                if not file["is_link_only"]
            ]
            embargo = str(article.get("embargo_date") or "") if article.get("is_embargoed") else ""
        if embargo and not files:
            raise restricted(name, shown(embargo))

        return Found(
            spec=self.pinned(doi, spec),
            name=name,
            page=self.doi_page(doi),
            source=api,
            version=f"{number}.v{version}",
            files=known(files),
            layout=one_named_zip_unpacked,
            note="" if page["version"] else "The DOI names no version; using version 1.",
        )
