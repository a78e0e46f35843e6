"""A record of an archive, from its DOI to a cell."""

from __future__ import annotations

import httpx
import pytest

from support.archives import Archives, zipped
from support.binder import events, launch, run_cell
from support.hubs import up

pytestmark = [pytest.mark.hub, pytest.mark.registry]

BOOK = {"book-1/requirements.txt": "six\n", "book-1/page.ipynb": "{}", "book-1/data.txt": "waves"}


def test_a_record_is_launched(tmp_path):
    with Archives() as archives:
        spec = archives.zenodo(3242074, {"book.zip": zipped(BOOK)})
        archives.doi("10.5281/zenodo.3242073", f"{archives.base}/records/3242074")
        config = f"""
c.ZenodoProvider.doi_url = "{archives.base}"
c.ZenodoProvider.hosts = ["{archives.base}"]
c.ZenodoProvider.size_limit = 100_000
"""
        with up(tmp_path, config) as url:
            served = [provider["id"] for provider in httpx.get(f"{url}api/repoproviders").json()]
            assert "zenodo" in served
            page = httpx.get(f"{url}v2/zenodo/10.5281/zenodo.3242073").text
            assert 'href="https://doi.org/10.5281/zenodo.3242073"' in page
            stream = events(url, "zenodo/10.5281/zenodo.3242073", labpath="page.ipynb")
            ready = stream[-1]
            assert ready["phase"] == "ready", ready
            lines = [event["message"] for event in stream if event.get("phase") == "fetching"]
            assert lines[:2] == [
                "Looking up 10.5281/zenodo.3242073\n",
                "Zenodo record 3242074\n",
            ]
            assert "Receiving book.zip" in "".join(lines)
            assert ready["binder_persistent_request"] == f"v2/{spec}"
            assert ready["binder_ref_url"] == f"{archives.base}/10.5281/zenodo.3242074"
            assert run_cell(ready, "print(open('data.txt').read())") == "waves\n"

            again = launch(url, spec, filepath="data.txt")
            assert (again["commit"], again["cached"]) == (ready["commit"], True)
            archives.zenodo(5, {"big": bytes(200_000)})
            failed = events(url, "zenodo/10.5281/zenodo.5")[-1]
            assert (failed["code"], failed["status_code"]) == ("repository-refused", 403)
