"""What recipes were resolved to today.

Whoever asks for the same packages on the same day gets the same versions, without asking the index
again: when only ``postBuild`` or a comment of the recipe has changed, when its environment was
removed, or when a build failed after its packages were there.  It would be wrong to keep that for
longer, since a recipe without versions asks for what is newest; and within the day a release is
met a day late.  So a resolution counts on the day (UTC) on which it was made, and is forgotten as
soon as what it names cannot be installed or does not work.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from hubroam.network import network_settings


@dataclass(frozen=True)
class Resolution:
    """A place for what one list of packages is resolved to.

    Attributes:
        path: The lock, if there is one.
    """

    path: Path

    @classmethod
    def of(cls, folder: Path, packages: tuple[str, ...], interpreter: str) -> Resolution:
        """The place for these packages, today.

        Args:
            folder: Where resolutions are kept.
            packages: What is asked for, in its order.
            interpreter: The interpreter's implementation and full version.
        """
        # another index may give something else, and another uv may choose otherwise
        facts = [packages, interpreter, version("uv"), sorted(network_settings().items())]
        name = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        return cls(folder / datetime.now(UTC).date().isoformat() / f"{name}.toml")

    def copy_to(self, lock: Path) -> bool:
        """Copy the lock; whether there is one."""
        try:
            shutil.copyfile(self.path, lock)
        except FileNotFoundError:
            return False
        return True

    def keep(self, lock: Path) -> None:
        """Keep a copy of a lock, and nothing of other days."""
        folder = self.path.parent
        copy = folder / f".{uuid4().hex}"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(lock, copy)
            copy.rename(self.path)
        except OSError:  # the next build resolves again
            with suppress(OSError):
                copy.unlink()
        for other in folder.parent.glob("*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)

    def forget(self) -> None:
        """Resolve anew next time."""
        self.path.unlink(missing_ok=True)
