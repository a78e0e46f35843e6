"""Where a session works: its checkout, its layer over the environment, its record."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from hubroam.binder.outline import Outline
from hubroam.environments import Environment, Image, add_layer, lay_over
from hubroam.hub.sessions import Session, SessionStore, new_session_id, user_folder
from hubroam.providers import Mirror, ResolvedRef


@dataclass(frozen=True)
class Seat:
    """The server of the hub that a session gets.

    Attributes:
        user: The hub's user.
        server: The server's name; empty for the default one.
        temporary: Whether the user exists for this session only.
        session_id: The session's: a signed-in reader's server has one for ever, a temporary
            user's has one that nobody can guess.
    """

    user: str
    server: str
    temporary: bool
    session_id: str

    @property
    def path(self) -> str:
        """The server's place under the hub's base URL."""
        return f"user/{self.user}/{self.server}/" if self.server else f"user/{self.user}/"


def take_seat(
    resolved: ResolvedRef,
    user: str | None,
    page: str | None = None,
    env_path: str = "",
    content: str | None = None,
) -> Seat:
    """Choose user and server for a launch.

    Args:
        resolved: What is launched.
        user: Who is signed in; None makes up a temporary user, named as BinderHub does.
        page: The page that the session is handed to: it gets a server of its own, since a server's
            answers are open to one page or to none.
        env_path: The folder that the recipe is in: each has a server of its own.
        content: The repository that is pulled into the session: a reader's work on it stays where
            it is when the environment's repository gets another commit.
    """
    name = _slug(resolved.spec.repository)
    if user is None:
        return Seat(f"{name}-{secrets.token_hex(5)}", "", True, new_session_id())
    kept = f"content {content}" if content else resolved.commit
    parts = (resolved.clone_url, kept, page, env_path and f"env {env_path}")
    what = "\n".join(part for part in parts if part)
    # JupyterHub 6 has names of 30 characters, which begin with a letter
    words = name[-19:].lstrip("0123456789-") or "session"
    server = f"{words}-{hashlib.sha256(what.encode()).hexdigest()[:10]}"
    session_id = hashlib.sha256(f"{user}\n{server}".encode()).hexdigest()[:24]
    return Seat(user, server, False, session_id)


def _slug(repository: str) -> str:
    """The last words of a repository's name, as part of a user's name."""
    path = urlsplit(repository).path if "://" in repository else repository.rpartition(":")[2]
    words = re.sub(r"[^a-z0-9]+", "-", path.lower().removesuffix(".git")).strip("-")
    return words[-32:].strip("-") or "session"


class Workplace:
    """Lays out the files of sessions.

    Args:
        data_dir: The hub's data folder.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.sessions = SessionStore(data_dir / "sessions")

    async def prepare(
        self,
        seat: Seat,
        resolved: ResolvedRef,
        mirror: Mirror,
        environment: Environment,
        *,
        start: str | None,
        variables: dict[str, str],
        env_path: str = "",
        page: str | None = None,
        notebook: str = "",
        outline: Outline | None = None,
    ) -> Session:
        """Put everything that a session needs in its place.

        A temporary session's files are in its own folder and go with it.  A signed-in reader's
        checkout of this commit is made once and then left as they changed it.  With an outline,
        `fill` puts the files there afterwards; that is for temporary sessions.

        Raises:
            RepositoryError: The checkout failed; nothing is left of the session then.
        """
        if environment.image is not None:
            session = self._image_session(seat, environment.image, variables, page)
            return await self._prepare_image(session, resolved, mirror, whole=not env_path)
        session_id = seat.session_id
        folder = self.sessions.folder(session_id)
        home = folder if seat.temporary else user_folder(self._data_dir, seat.user)
        content = home / ("content" if seat.temporary else seat.server)
        try:
            await asyncio.to_thread(shutil.rmtree, folder / "layer", ignore_errors=True)
            (folder / "runtime").mkdir(parents=True, exist_ok=True, mode=0o700)
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            if outline is not None:
                await asyncio.to_thread(outline.lay, content)
            elif not content.exists():
                await _check_out(resolved, mirror, environment, env_path, content)
            await asyncio.to_thread(add_layer, environment.path, folder / "layer")
            session = Session(
                id=session_id,
                user=seat.user,
                content=str(content),
                environment=str(environment.path),
                server=environment.server,
                start=_runnable(content / env_path, start),
                variables={**environment.variables, **variables},
                temporary=seat.temporary,
                page=page,
                notebook=notebook,
            )
            self.sessions.save(session)
        except BaseException:
            self.sessions.delete(session_id)
            raise
        return session

    async def fill(
        self,
        session: Session,
        outline: Outline,
        resolved: ResolvedRef,
        mirror: Mirror,
        environment: Environment,
        env_path: str = "",
    ) -> None:
        """Put the files of a temporary session in their place, which has their outline.

        Raises:
            RepositoryError: The checkout failed, or the session has made a file where one goes.
            OSError: The session's folder is not what it was.
        """
        files = self.sessions.folder(session.id) / "files"
        await _check_out(resolved, mirror, environment, env_path, files)
        await asyncio.to_thread(outline.fill, files, Path(session.content))

    def _image_session(
        self, seat: Seat, image: Image, variables: dict[str, str], page: str | None
    ) -> Session:
        return Session(
            id=seat.session_id,
            user=seat.user,
            content="",
            environment="",
            server="image",
            start=None,
            variables=variables,
            temporary=seat.temporary,
            page=page,
            image=asdict(image),
            token=secrets.token_hex(16) if image.server == "plain" else "",
        )

    async def _prepare_image(
        self, session: Session, resolved: ResolvedRef, mirror: Mirror, *, whole: bool
    ) -> Session:
        """All that a session in a container needs here is its record.

        Args:
            session: The session.
            resolved: The commit.
            mirror: Has it.
            whole: Whether the image has the whole repository; else, as that of a recipe in a
                folder, that folder, and the container gets a checkout of the rest.
        """
        folder = self.sessions.folder(session.id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            if not whole:
                content = folder / "content"
                await asyncio.to_thread(shutil.rmtree, content, ignore_errors=True)
                await mirror.checkout(resolved.commit, content, origin=resolved.clone_url)
                session = replace(session, content=str(content))
            self.sessions.save(session)
        except BaseException:
            self.sessions.delete(session.id)
            raise
        return session

    def own_token(self, seat: Seat) -> str:
        """What opens the session's server, which knows nothing of JupyterHub.

        Raises:
            LaunchError: There is no such session.
        """
        return self.sessions.load(seat.session_id, user=seat.user).token


async def _check_out(
    resolved: ResolvedRef, mirror: Mirror, environment: Environment, env_path: str, content: Path
) -> None:
    """Make a checkout, with what ``postBuild`` left laid over the folder of its recipe."""
    await mirror.checkout(resolved.commit, content, origin=resolved.clone_url)
    if environment.overlay is not None:
        await asyncio.to_thread(lay_over, environment.overlay, content / env_path)


def _runnable(content: Path, start: str | None) -> str | None:
    """The recipe's ``start`` script, executable as repo2docker makes it.

    None too where a reader's checkout of another day does not have it.
    """
    if start is None or not (content / start).is_file():
        return None
    script = content / start
    script.chmod(script.stat().st_mode | 0o111)
    return str(script)
