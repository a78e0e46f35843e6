"""Build tokens: what the launch page shows to be let through the rate limit.

As BinderHub's: a JWT (HS256) for one spec and one host, good for five minutes.
"""

from __future__ import annotations

import time

import jwt

#: Seconds for which a token is good.
LIFETIME = 300

_ALGORITHM = "HS256"


def make_build_token(
    secret: bytes, *, spec: str, origin: str, user: str | None, page: str | None = None
) -> str:
    """A token for one launch page.

    Args:
        secret: The service's own key, at least 32 bytes.
        spec: ``<provider>/<raw spec>``.
        origin: The host, and port, under which the page is read.
        user: Who is signed in, if anybody is: another reader's page must not act for this one.
        page: The origin of the page that the session is to be handed to.
    """
    claims: dict[str, object] = {"exp": int(time.time()) + LIFETIME, "aud": spec, "origin": origin}
    if user is not None:
        claims["sub"] = user
    if page is not None:
        claims["page"] = page
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def check_build_token(
    token: str, secret: bytes, *, spec: str, origin: str, user: str | None, page: str | None = None
) -> bool:
    """Whether a token was made by `make_build_token` for the same, and is not old."""
    try:
        claims = jwt.decode(token, secret, audience=spec, algorithms=[_ALGORITHM])
    except jwt.InvalidTokenError:
        return False
    given = (claims.get("origin"), claims.get("sub"), claims.get("page"))
    return given == (origin, user, page)
