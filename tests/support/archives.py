"""Archives on a loopback port, which answer as the real services document.

One server is all of them: the resolver of DOIs, Zenodo, Figshare, Dataverse, HydroShare, CKAN,
Software Heritage.  The
fields are those of the services' own answers; what hubroam does not read is there too, in part.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from support.webserver import Answer, Request, WebServer

RESOURCE = "b8f6eae9d89241cf8b5904033460af61"


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip archive, as Python and most programs write it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


class Archives(WebServer):
    """All archives.

    Attributes:
        answers: What is answered, by path, or by path and query.
        turns: What is answered one after the other, by path; the last from then on.
    """

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.base = self.url.rstrip("/")
        self.answers: dict[str, Answer] = {}
        self.turns: dict[str, list[Answer]] = {}

    def _answer(self, request: Request) -> Answer | None:
        parts = urlsplit(request.url)
        if turns := self.turns.get(unquote(parts.path)):
            return turns.pop(0) if len(turns) > 1 else turns[0]
        whole = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self.answers.get(unquote(whole)) or self.answers.get(unquote(parts.path))

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(unquote(request.path) == path for request in self.requests)

    def put(self, path: str, body: Any = b"", status: int = 200, **headers: str) -> str:
        """Answer a path; returns its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = Answer(status, named, body)
        return f"{self.base}{quote(path, safe='/?=&:')}"

    def doi(self, doi: str, page: str) -> None:
        """Let a DOI lead to a page."""
        self.put(f"/{doi}", status=302, Location=page)

    def zenodo(
        self,
        number: int,
        files: Mapping[str, bytes],
        *,
        access_right: str = "open",
        checksums: Mapping[str, str] | None = None,
        **metadata: str,
    ) -> str:
        """A record of Zenodo's; returns its spec."""
        doi, record = f"10.5281/zenodo.{number}", f"/api/records/{number}"
        self.doi(doi, f"{self.base}/records/{number}")
        links = {"self": f"{self.base}{record}", "files": f"{self.base}{record}/files"}
        self.put(
            record,
            {
                "created": "2019-06-10T13:40:12.164390+00:00",
                "id": number,
                "recid": str(number),
                "conceptrecid": str(number - 1),
                "conceptdoi": f"10.5281/zenodo.{number - 1}",
                "doi": doi,
                "doi_url": f"https://doi.org/{doi}",
                "links": links,
                "metadata": {
                    "title": "Waves",
                    "doi": doi,
                    "access_right": access_right,
                    **metadata,
                },
                "state": "done",
                "submitted": True,
            },
        )
        entries = [
            {
                "key": name,
                "file_id": f"1e3744d0-6ae1-41a2-a628-{index:012}",
                "checksum": (checksums or {}).get(name, f"md5:{md5(content)}"),
                "size": len(content),
                "mimetype": "application/octet-stream",
                "status": "completed",
                "links": {"content": self.put(f"{record}/files/{name}/content", content)},
            }
            for index, (name, content) in enumerate(files.items())
        ]
        if access_right == "open":
            self.put(f"{record}/files", {"enabled": True, "entries": entries, "order": []})
        else:
            self.put(f"{record}/files", {"status": 403, "message": "Permission denied."}, 403)
        return f"zenodo/{doi}"

    def figshare(
        self, number: int, version: int, files: Mapping[str, bytes], **facts: object
    ) -> None:
        """One version of an article of Figshare's."""
        doi = f"10.6084/m9.figshare.{number}.v{version}"
        self.doi(doi, f"https://figshare.com/articles/dataset/Waves_at_sea/{number}/{version}")
        entries: list[dict[str, object]] = [
            {
                "id": 100 + index,
                "name": name,
                "size": len(content),
                "is_link_only": False,
                "download_url": self.put(f"/figshare/files/{number}/{index}", content),
                "supplied_md5": md5(content),
                "computed_md5": md5(content),
                "mimetype": "application/octet-stream",
            }
            for index, (name, content) in enumerate(files.items())
        ]
        entries.append({"id": 99, "name": "elsewhere", "size": 0, "is_link_only": True})
        self.put(
            f"/v2/articles/{number}/versions/{version}",
            {"id": number, "doi": doi, "version": version, "files": entries, **facts},
        )

    def dataset(self, files: list[dict[str, Any]], identifier: str = "DVN/TJCLKP") -> None:
        """A dataset of Dataverse's."""
        doi = f"doi:10.7910/{identifier}"
        self.put(
            f"/api/datasets/:persistentId/?persistentId={doi}",
            {
                "status": "OK",
                "data": {
                    "id": 3323450,
                    "identifier": identifier,
                    "persistentUrl": f"https://doi.org/10.7910/{identifier}",
                    "protocol": "doi",
                    "authority": "10.7910",
                    "latestVersion": {
                        "id": 170445,
                        "datasetPersistentId": doi,
                        "versionNumber": 1,
                        "versionMinorNumber": 2,
                        "versionState": "RELEASED",
                        "files": files,
                    },
                },
            },
        )

    def data_file(
        self, number: int, content: bytes, label: str, folder: str = "", **data: object
    ) -> dict[str, Any]:
        """A file of a dataset of Dataverse's."""
        self.put(f"/api/access/datafile/{number}?format=original", content)
        facts: dict[str, object] = {
            "id": number,
            "filename": label,
            "contentType": "text/plain",
            "filesize": len(content),
            "md5": md5(content),
            "checksum": {"type": "MD5", "value": md5(content)},
            **data,
        }
        file: dict[str, Any] = {"label": label, "restricted": False, "version": 1}
        return {**file, **({"directoryLabel": folder} if folder else {}), "dataFile": facts}

    def resource(self, files: Mapping[str, bytes], modified: str) -> None:
        """A resource of HydroShare's, with the bag that it is packed into."""
        self.put(
            f"/hsapi/resource/{RESOURCE}/scimeta/elements/",
            {
                "title": "Waves",
                "dates": [
                    {"type": "created", "start_date": "2019-09-24T10:11:12.000000Z"},
                    {"type": "modified", "start_date": modified},
                ],
            },
        )
        contents = {f"{RESOURCE}/data/contents/{name}": body for name, body in files.items()}
        bag = zipped(
            {
                f"{RESOURCE}/bagit.txt": "BagIt-Version: 0.96\n",
                f"{RESOURCE}/manifest-md5.txt": "",
                f"{RESOURCE}/data/resourcemap.xml": "<xml/>",
                **contents,
            }
        )
        self.put(f"/hsapi/resource/{RESOURCE}/", bag, Content_Type="application/zip")

    def folder(self, swhid: str, bundle: bytes, *, revision: str = "", waits: int = 0) -> None:
        """A folder at Software Heritage, packed after so many questions; of a revision."""
        api = f"/api/1/vault/flat/{swhid}/"
        if revision:
            facts = {"id": revision, "directory": swhid.rpartition(":")[2], "type": "git"}
            self.put(f"/api/1/revision/{revision}/", facts)
        task = {"fetch_url": f"{self.base}{api}raw/", "id": 1, "swhid": swhid}
        stages = [*["new", "pending", "pending"][:waits], "done"]
        answers = [Answer(200, {}, {**task, "status": stage}) for stage in stages]
        self.turns[api] = answers
        self.put(f"{api}raw/", bundle, Content_Type="application/gzip")

    def ckan(self, name: str, result: dict[str, Any], activity: str = "") -> str:
        """A dataset of CKAN's, below ``/data``; returns the address of its page."""
        call = f"package_show?id={name}"
        if activity:
            call = f"activity_data_show?id={activity}&object_type=package"
        body = {"help": "…", "success": True, "result": {"name": name, "private": False, **result}}
        self.put(f"/data/api/3/action/{call}", body)
        return f"{self.base}/data/dataset/{name}"
