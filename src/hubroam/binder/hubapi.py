"""The few calls of JupyterHub's REST API that a launch needs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx

from hubroam.errors import LaunchError, LaunchTimeout

# Seconds. The hub answers at once or is in trouble; a spawn's progress is a stream of its own.
_TIMEOUT = httpx.Timeout(30.0)
_RETRY = "Try again; if it fails again, tell the people who run this hub."


class HubApi:
    """JupyterHub's REST API, with the service's own token.

    Args:
        url: ``JUPYTERHUB_API_URL``.
        token: ``JUPYTERHUB_API_TOKEN``.
    """

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"token {token}"}
        self._client = httpx.AsyncClient(
            base_url=url,
            headers=headers,
            timeout=_TIMEOUT,
            trust_env=False,
            limits=httpx.Limits(max_connections=None),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def version(self) -> str:
        """JupyterHub's version."""
        return str((await self._request("GET", "")).json()["version"])

    async def create_user(self, name: str) -> None:
        """Make a user.

        Raises:
            LaunchError: The hub refuses or does not answer.
        """
        await self._request("POST", "users", {"usernames": [name]})

    async def has_user(self, name: str) -> bool:
        """Whether the hub knows a user.

        Raises:
            LaunchError: The hub refuses or does not answer.
        """
        answer = await self._ask("GET", f"users/{quote(name, safe='')}")
        if answer.status_code == 404:
            return False
        _checked(answer)
        return True

    async def delete_user(self, name: str) -> None:
        """Stop a user's server and remove the user."""
        await self._request("DELETE", f"users/{quote(name, safe='')}")

    async def start_server(self, user: str, server: str, options: dict[str, Any]) -> bool:
        """Ask for a server.

        Args:
            user: Whose.
            server: Its name; empty for the user's default server.
            options: The spawner's ``user_options``.

        Returns:
            Whether it is ready already; `wait_until_ready` tells when it is not.
        """
        answer = await self._request("POST", _server_path(user, server), options)
        return answer.status_code == 201

    async def server(self, user: str, server: str) -> dict[str, Any] | None:
        """What the hub says of a running or starting server; None when there is none."""
        model = (await self._request("GET", f"users/{quote(user, safe='')}")).json()
        found = model.get("servers", {}).get(server)
        return found if isinstance(found, dict) else None

    async def progress(self, user: str, server: str) -> AsyncIterator[str]:
        """Wait until a starting server is ready.

        Yields:
            What the hub says on the way, for people.

        Raises:
            LaunchError: The server did not start.
            LaunchTimeout: It was not ready in the spawner's time.
        """
        path = f"{_server_path(user, server)}/progress"
        try:
            async with self._client.stream("GET", path, timeout=None) as answer:
                if answer.status_code >= 400:
                    await answer.aread()
                    raise _refused(answer)
                async for line in answer.aiter_lines():
                    if not line.startswith("data:"):
                        continue
                    event = json.loads(line[5:])
                    if event.get("failed"):
                        raise _not_started(str(event.get("message", "")))
                    if event.get("ready"):
                        return
                    if event.get("message"):
                        yield str(event["message"])
        except httpx.HTTPError:
            raise _unreachable() from None
        raise _not_started("")

    async def session_token(
        self, user: str, server: str, *, seconds: int, as_reader: str | None = None
    ) -> str:
        """A token that opens one server and nothing else.

        Args:
            user: The server's user.
            server: The server's name.
            seconds: How long the token is good for.
            as_reader: The reader's own token to ask with, where the service may not.
        """
        body = {
            "note": "Binder session",
            "scopes": [f"access:servers!server={user}/{server}"],
            "expires_in": seconds,
        }
        path = f"users/{quote(user, safe='')}/tokens"
        answer = await self._request("POST", path, body, token=as_reader)
        return str(answer.json()["token"])

    async def _request(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> httpx.Response:
        return _checked(await self._ask(method, path, body, token=token))

    async def _ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"token {token}"} if token else None
        try:
            return await self._client.request(method, path, json=body, headers=headers)
        except httpx.HTTPError:
            raise _unreachable() from None


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.status_code >= 400:
        raise _refused(answer)
    return answer


def _server_path(user: str, server: str) -> str:
    name = quote(user, safe="")
    return f"users/{name}/servers/{quote(server, safe='')}" if server else f"users/{name}/server"


def _unreachable() -> LaunchError:
    return LaunchError("JupyterHub does not answer its Binder service.", next_step=_RETRY)


def _refused(answer: httpx.Response) -> LaunchError:
    try:
        reason = str(answer.json().get("message", ""))
    except (ValueError, AttributeError):
        reason = ""
    reason = reason or f"status {answer.status_code}"
    return LaunchError(f"JupyterHub refused to start the session: {reason}.", next_step=_RETRY)


def _not_started(message: str) -> LaunchError:
    # The hub's own text for it: "Server at … didn't respond in 120 seconds"
    if "timeout" in message.lower() or "didn't respond" in message:
        return LaunchTimeout("The session did not start in time.", next_step=_RETRY)
    return LaunchError("The session's server ended while it started.", next_step=_RETRY)
