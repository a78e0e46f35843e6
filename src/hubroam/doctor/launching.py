"""Can launches be expected to work: the profile, the links, the Binder service's health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

from hubroam.asker import NoReply, Reply
from hubroam.doctor.findings import Finding, shown
from hubroam.doctor.visit import Look, Visit
from hubroam.errors import HubroamError
from hubroam.inquiry import QUESTIONS
from hubroam.launchlink import LaunchLink
from hubroam.profile import KEY, HubProfile, LaunchWay
from hubroam.spec import BinderSpec

# A repository of each provider; the page that a link opens is asked for, and nothing of it built.
_SAMPLES = {
    "gh": "gh/binder-examples/requirements/HEAD",
    "gl": "gl/ada%2Fbook/HEAD",
    "gist": "gist/ada/0123456789abcdef0123456789abcdef",
    "git": "git/https%3A%2F%2Fgithub.com%2Fbinder-examples%2Frequirements/HEAD",
    "zenodo": "zenodo/10.5281/zenodo.3242074",
    "figshare": "figshare/10.6084/m9.figshare.9782777",
    "dataverse": "dataverse/10.7910/DVN/TJCLKP",
}
_SIGN_IN = (401, 403, 429)  # who signs in, or asks less often, gets on
_REMEDIES = {
    "binder": "See that the proxy passes /v2/ on to the Binder service, and that it runs.",
    "git-pull": "Install nbgitpuller where sessions run, and see that the proxy passes links on.",
    "content": "Serve the site's lab/index.html.",
}


def check_profile(look: Look) -> Iterator[Finding]:
    """Whether what the hub says of itself is as the format has it."""
    profiles = []
    for name, document in look.documents.items():
        if KEY not in document:
            continue
        profile, faults = HubProfile.check(document)
        where, what = f"/{QUESTIONS[name]}", shown("; ".join(faults))
        if profile is None:
            yield Finding(
                "profile-unreadable",
                f"The hub profile at {where} cannot be used: {what}.",
                "Mend that; docs/reference/hub-profile.md has the format.",
            )
            continue
        profiles.append(profile)
        if faults:
            yield Finding(
                "profile-field",
                f"A part of the hub profile at {where} is passed over: {what}.",
                "Mend that; docs/reference/hub-profile.md has the format.",
            )
        elif len(profiles) == 1:
            yield Finding("profile", f"The hub profile is well: “{shown(profile.name)}”.")
    if len(set(map(repr, profiles))) > 1:
        yield Finding(
            "profile-differs",
            "The hub profiles at /versions and at /hub/api/ differ; pages take either.",
            "Give both the same.",
        )


async def check_links(visit: Visit, look: Look) -> list[Finding]:
    """Whether the links that are made for this hub lead somewhere."""
    ways = {way.url_template: way for way in look.there.launch}.values()
    found = await asyncio.gather(*(_check_link(visit, look.base, way) for way in ways))
    return [each for each in found if each]


async def _check_link(visit: Visit, base: str, way: LaunchWay) -> Finding | None:
    sample = next((_SAMPLES[each] for each in way.providers or ("gh",) if each in _SAMPLES), None)
    if sample is None:
        return None
    link = LaunchLink(base, "binder", BinderSpec.parse(sample), labpath="index.ipynb")
    try:
        url = way.link(base, link)
    except HubroamError as error:
        return Finding(
            "launch-dead",
            f"No link of kind {way.kind} can be made: {error.message}",
            "Mend the template in the hub's profile.",
        )
    reply = await visit.ask(url, headers={"Accept": "text/html"})
    template = shown(f"/{way.url_template}")
    if isinstance(reply, NoReply):
        how = "are not answered in time" if reply.reason == "timeout" else "are not answered"
    elif reply.status < 400 or reply.status in _SIGN_IN:
        return Finding("launch-answers", f"Links of kind {way.kind} are answered: {template}")
    else:
        how = f"are answered with {reply.status}"
        if reply.status != 404 and reply.status < 500:
            return Finding(
                "launch-unsure",
                f"Links of kind {way.kind} {how}: {template}",
                "Open one in a browser, signed in, to see whether it works.",
            )
    return Finding(
        "launch-dead", f"Links of kind {way.kind} {how}: {template}", _REMEDIES[way.kind]
    )


async def check_health(visit: Visit, look: Look) -> list[Finding]:
    """Whether the Binder service says that it is well."""
    if look.there.kind not in ("hubroam", "binderhub"):
        return []
    reply = await visit.ask(f"{look.base}health", read=True)
    checks = _checks(reply) if isinstance(reply, Reply) else None
    if isinstance(reply, Reply) and checks is None and reply.status < 500:
        return [
            Finding(
                "health-missing",
                f"The Binder service's /health answers {reply.status}, and no report.",
                "Let /health through to the Binder service, so that it can be watched.",
            )
        ]
    failed = [name for name, ok in (checks or {}).items() if not ok]
    if isinstance(reply, Reply) and reply.status == 200 and not failed:
        names = ", ".join(map(shown, checks or {})) or "it names no checks"
        return [Finding("binder-well", f"The Binder service is well: {names}.")]
    if failed:
        message = f"The Binder service is not well: {', '.join(map(shown, failed))} failed."
    elif isinstance(reply, Reply):
        message = f"The Binder service is not well: /health answers {reply.status}."
    else:
        message = "The Binder service's /health does not answer."
    return [Finding("binder-unwell", message, "See the log of the Binder service, and mend that.")]


def _checks(reply: Reply) -> dict[str, bool] | None:
    """What was checked, and whether it was well; None when that is no health report."""
    try:
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("ok"), bool):
        return None
    checks = document.get("checks")
    found = {
        str(each.get("service")): each.get("ok") is True
        for each in (checks if isinstance(checks, list) else [])
        if isinstance(each, dict)
    }
    return found if found or document["ok"] else {"ok": False}
