"""Archives whose records have DOIs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

import httpx

from hubroam.errors import RepositoryNotFound
from hubroam.providers.archives.entries import shown
from hubroam.providers.archives.provider import ArchiveProvider
from hubroam.providers.archives.service import Service
from hubroam.providers.settings import Address
from hubroam.spec import BinderSpec

Page = TypeVar("Page")


class DoiProvider(ArchiveProvider):
    """An archive whose records are found by a DOI."""

    doi_url = Address("https://doi.org", config=True, help="Where DOIs are resolved.")

    def places(self) -> list[str]:
        """The addresses that the operator named."""
        return [*super().places(), self.doi_url]

    def doi_page(self, doi: str) -> str:
        """The address of a DOI, for people."""
        return f"{self.doi_url}/{quote(doi, safe='/')}"

    async def landing(
        self, service: Service, spec: BinderSpec, read: Callable[[str], Page | None]
    ) -> Page:
        """Where a DOI leads, as soon as that is the page of a record.

        Args:
            service: Asks.
            spec: Holds the DOI.
            read: Reads an address; None when it is not the page of a record.

        Raises:
            RepositoryNotFound: There is no such DOI, or it leads elsewhere.
            RepositoryError: It cannot be resolved now.
        """
        name = f"DOI {spec.repository}"
        last = ""
        async for place in service.places(self.doi_page(spec.repository), name):
            if (page := read(place)) is not None:
                return page
            last = place
        where = f"leads to {shown(httpx.URL(last).host)}, which is" if last else "is"
        raise RepositoryNotFound(
            f"{name} {where} no record of {service.name} that this hub knows.",
            next_step="Check which archive holds it.",
        )
