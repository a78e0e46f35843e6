"""A client of the Binder protocol: follow a launch on any BinderHub."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx

from hubroam.errors import HubError, HubUnreachable, NotAHub
from hubroam.events import LaunchEvent, decode
from hubroam.links import hub_base
from hubroam.spec import BinderSpec

# Seconds. A hub sends a comment every 25 s at least; two may get lost.
_SILENCE = 90.0


async def launch(
    hub: str,
    spec: BinderSpec,
    *,
    open_path: str = "",
    env_path: str = "",
    build_only: bool = False,
) -> AsyncIterator[LaunchEvent]:
    """Ask a hub to launch, and follow it.

    Args:
        hub: The hub's base URL.
        spec: What to launch.
        open_path: The path to open in the session; hubroam checks that its file is there.
        env_path: The folder that the recipe is in. A hub that knows of none says nothing of it in
            its events, and takes the root's; hubroam's last event has it as ``env_path``.
        build_only: Stop when the environment is built.

    Yields:
        Every event; the last has the phase ``ready`` or ``failed``.

    Raises:
        LinkError: The hub's URL is refused.
        HubUnreachable: Nothing answers, or the connection was lost.
        NotAHub: What answers does not speak the protocol.
    """
    base = hub_base(hub)
    asked = {"urlpath": open_path, "envpath": env_path}
    parameters = {name: value for name, value in asked.items() if value}
    if build_only:
        parameters["build_only"] = "true"
    timeout = httpx.Timeout(10.0, read=_SILENCE)
    headers = {"Accept": "text/event-stream"}
    try:
        async with (
            httpx.AsyncClient(timeout=timeout, headers=headers, follow_redirects=True) as client,
            client.stream("GET", f"{base}build/{spec}", params=parameters) as answer,
        ):
            _check(answer, base)
            async for event in decode(answer.aiter_lines()):
                yield event
                if event.last:
                    return
    except httpx.HTTPError as error:
        raise HubUnreachable(
            f"The connection to {base} failed ({type(error).__name__}).",
            next_step="Check the hub's URL and that it is running; then try again.",
        ) from None
    raise HubUnreachable(
        f"{base} ended the launch without a result.", next_step="Try again in a moment."
    )


def _check(answer: httpx.Response, base: str) -> None:
    kind = answer.headers.get("content-type", "")
    if answer.status_code == 200 and kind.startswith("text/event-stream"):
        return
    if answer.status_code in (401, 403, 429) or answer.status_code >= 500:
        raise HubError(
            f"{base} refused the launch with status {answer.status_code}.",
            next_step="Open the launch link in a browser, or try again later.",
        )
    raise NotAHub(
        f"{base} does not launch Binder repositories.",
        next_step="Give the URL of a BinderHub or of a hub made with hubroam.",
    )
