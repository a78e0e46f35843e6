"""Hub profiles: the shared vectors, the schema, and that no template leads out of the hub."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubroam.errors import HubroamError, LinkError
from hubroam.profile import BINDER, GIT_PULL, KEY, HubProfile, LaunchWay, is_template
from support.vectors import vectors

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "protocol" / "hub-profile.schema.json").read_text()
)
PROFILE = HubProfile("Hub", "hubroam", "0.1", (BINDER, GIT_PULL), logo="hub/logo")


@pytest.mark.parametrize("vector", vectors("profiles", "read"))
def test_reading(vector):
    found = HubProfile.read(vector["input"])
    assert (found.to_json() if found else None) == vector["expected"]


@pytest.mark.parametrize("vector", vectors("profiles", "expand"))
def test_expanding(vector):
    given_ = vector["input"]
    way = LaunchWay(given_["kind"], given_["url_template"])
    if "expected" in vector:
        assert way.expand(given_["hub"], given_["variables"]) == vector["expected"]
        return
    with pytest.raises(HubroamError) as caught:
        way.expand(given_["hub"], given_["variables"])
    assert caught.value.code == vector["error"]


def test_what_is_written_is_read():
    assert HubProfile.check({KEY: PROFILE.to_json()}) == (PROFILE, [])


@pytest.mark.parametrize("vector", vectors("profiles", "read"))
def test_what_the_schema_refuses_is_named(vector):
    given = vector["input"]
    if not isinstance(given, dict) or KEY not in given:
        assert HubProfile.check(given) == (None, [])
        return
    _, faults = HubProfile.check(given)
    refused = [
        error.absolute_path[0] if error.absolute_path else ""
        for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(given[KEY])
    ]
    for name in refused:
        assert any(fault.startswith(name) for fault in faults) if name else faults
    if not faults:
        assert refused == []


@pytest.mark.parametrize("vector", vectors("profiles", "read"))
def test_the_schema_holds_what_is_read(vector):
    if vector["expected"]:
        jsonschema.validate(vector["expected"], SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"name": ""},
        {"launch": []},
        {"launch": [{"kind": "binder"}]},
        {"launch": [{"kind": "binder", "url_template": "/v2/{provider}/{+spec}"}]},
        {"launch": [{"kind": "binder", "url_template": "//evil.example/{+spec}"}]},
        {"logo": "https://elsewhere.example/logo.png"},
        {"sessions": "eternal"},
        {"login": "no"},
    ],
)
def test_the_schema_refuses_what_is_not_read(change):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**PROFILE.to_json(), **change}, SCHEMA)


pieces = st.lists(
    st.sampled_from(
        [
            *"/{}+?&,:.@#%\\",
            "..",
            "%2e",
            "{provider}",
            "{+spec}",
            "{?labpath}",
            "v2",
            "evil.example",
        ]
    ),
    max_size=9,
).map("".join)


@given(
    pieces, st.sampled_from(["u/r/main", "../..", "//evil.example", "@evil.example", ":x", "\\x"])
)
def test_no_template_leads_out_of_the_hub(template, spec):
    if not is_template("binder", template):
        return
    try:
        link = LaunchWay("binder", template).expand(
            "https://hub.example.org/base/", {"provider": spec, "spec": spec, "labpath": spec}
        )
    except LinkError:
        return
    opened = urlsplit(urljoin("https://hub.example.org/", link.replace("%2e", ".")))
    assert (opened.scheme, opened.netloc) == ("https", "hub.example.org")
    assert opened.path.startswith("/base/")
