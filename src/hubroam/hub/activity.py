"""When a server that knows nothing of JupyterHub was last used."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from jupyterhub.orm import Spawner
from tornado.httpclient import AsyncHTTPClient, HTTPError

# Seconds for a server's answer: JupyterHub waits for it at each look at the server.
_PATIENCE = 5.0


async def last_activity(url: str, token: str) -> datetime | None:
    """Ask a Jupyter server when it was last used (``/api/status``).

    Args:
        url: The server's; ends in a slash.
        token: Opens it.

    Returns:
        When, in UTC without a zone, as JupyterHub's database has it; None where it does not say.
    """
    try:
        answer = await AsyncHTTPClient().fetch(
            f"{url}api/status",
            headers={"Authorization": f"token {token}"},
            request_timeout=_PATIENCE,
            follow_redirects=False,
        )
        when = datetime.fromisoformat(json.loads(answer.body)["last_activity"])
    except (HTTPError, OSError, ValueError, KeyError, TypeError):
        return None
    # a server of a stranger's image could say that it is used tomorrow, and stay for ever
    return min(when.astimezone(UTC), datetime.now(UTC)).replace(tzinfo=None)


def note(server: Spawner, when: datetime) -> bool:
    """Write down that a server was used, and with it its user.

    Args:
        server: JupyterHub's record of the server; the caller commits.
        when: In UTC, without a zone.

    Returns:
        Whether that is news.
    """
    news = server.last_activity is None or when > server.last_activity
    if news:
        server.last_activity = when
        user = server.user
        if user.last_activity is None or when > user.last_activity:
            user.last_activity = when
    return news
