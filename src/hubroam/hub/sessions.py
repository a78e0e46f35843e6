"""The sessions that the Binder service prepared and the spawner starts.

The two are separate processes and must not trust what a user can write: a
server's ``user_options`` come from whoever asks the hub for it.  So these hold
only a session's id, and what the id means is read from a record that the
service wrote beside the session's files and that names its user.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

from hubroam.errors import LaunchError

#: Tells a session's server the notebook whose kernel it shall start before somebody asks for it.
NOTEBOOK_VARIABLE = "HUBROAM_FIRST_NOTEBOOK"

#: Tells it the socket by which it asks the hub whether it may keep an interpreter for its kernels.
KERNELS_VARIABLE = "HUBROAM_KERNELS_FD"

_ID = re.compile(r"[0-9a-f]{24}")
_RECORD = "session.json"


@dataclass(frozen=True)
class Session:
    """What the spawner needs to start one session.

    Attributes:
        id: 24 hex digits, the session's folder.
        user: The hub's user whom the session belongs to.
        content: The checkout, which is the session's home as with repo2docker.
        environment: The prefix of the recipe's environment.
        server: ``shared`` (hubroam's own Jupyter server) or ``environment`` (the recipe's).
        start: The recipe's ``start`` script, or None.
        variables: ``BINDER_REPO_URL`` and its kin.
        temporary: Whether all of it goes when its user does.
        page: The origin of a page that the session was handed to, and which may read its answers.
        notebook: The notebook that it opens at, as a path in the checkout; empty for none.
        image: The image that it runs in, as `hubroam.environments.Image` has it, and which has its
            own content and environment; None for a process of this machine.
        token: What opens a server that knows nothing of JupyterHub.
    """

    id: str
    user: str
    content: str
    environment: str
    server: str
    start: str | None
    variables: dict[str, str]
    temporary: bool
    page: str | None = None
    notebook: str = ""
    image: dict[str, str] | None = None
    token: str = field(default="", repr=False)


def new_session_id() -> str:
    """A name that nobody can guess."""
    return secrets.token_hex(12)


class SessionStore:
    """The sessions' folders.

    Args:
        root: Where they are; made when it is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def folder(self, session_id: str) -> Path:
        """The folder of a session.

        Raises:
            LaunchError: The id is none.
        """
        if not _ID.fullmatch(session_id):
            raise _unknown_session()
        return self.root / session_id

    def save(self, session: Session) -> None:
        """Write the session's record; its folder must be there."""
        path = self.folder(session.id) / _RECORD
        path.write_text(json.dumps(asdict(session), indent=2))

    def load(self, session_id: str, *, user: str) -> Session:
        """Read a session's record.

        Raises:
            LaunchError: There is no such session, or it is another user's.
        """
        session = self._read(session_id)
        if session is None or session.user != user:
            raise _unknown_session()
        return session

    def all(self) -> dict[str, Session | None]:
        """The sessions by their ids; None for one whose record was not written, or is damaged."""
        return {
            folder.name: self._read(folder.name)
            for folder in self.root.iterdir()
            if _ID.fullmatch(folder.name)
        }

    def _read(self, session_id: str) -> Session | None:
        try:
            return Session(**json.loads((self.folder(session_id) / _RECORD).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def delete(self, session_id: str) -> None:
        """Remove a session and its files; nothing happens when it is gone already."""
        shutil.rmtree(self.folder(session_id), ignore_errors=True)


def user_folder(data_dir: Path, user: str) -> Path:
    """Where a signed-in user's files are.

    Args:
        data_dir: The hub's data folder.
        user: The hub's name for the user, which may hold any character.
    """
    return data_dir / "users" / quote(user, safe="@").replace(".", "%2E")


def _unknown_session() -> LaunchError:
    return LaunchError(
        "This session is not there any more.", next_step="Launch it again from the book's page."
    )
