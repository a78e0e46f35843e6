"""JupyterHub, configured: one origin that is a JupyterHub and a BinderHub."""

from __future__ import annotations

from hubroam.profile import GIT_PULL, HubProfile


def publish_profile(
    *,
    name: str,
    logo: str | None = "hub/logo",
    login: bool = True,
    sessions: str = "kept",
) -> None:
    """Let any JupyterHub, 5.3 or newer, say how readers of books launch on it.

    In the hub's ``jupyterhub_config.py``::

        from hubroam.hub import publish_profile
        publish_profile(name="Example University")

    Nothing else of hubroam is used, and nothing else of the hub changes: its answer at
    ``/hub/api/``, which every page may read already, says more.

    Args:
        name: What readers know the hub by.
        logo: An image's path below the hub's base URL; JupyterHub serves its own at ``hub/logo``.
        login: Whether readers sign in.
        sessions: ``kept`` or ``temporary``.

    Raises:
        ValueError: ``sessions`` is another word.
    """
    from hubroam.hub.discovery import answer_with

    if sessions not in ("kept", "temporary"):
        raise ValueError(f"sessions is 'kept' or 'temporary', not {sessions!r}")
    answer_with(
        HubProfile(
            name=name,
            software="jupyterhub",
            version="",
            launch=(GIT_PULL,),
            logo=logo,
            login=login,
            sessions=sessions,
        )
    )
