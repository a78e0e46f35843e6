"""Names of images, as BinderHub makes them.

``<prefix><slug>-<hash>:<commit>``, so that a registry can be shared with a BinderHub, and each
finds what the other has built (``binderhub/builder.py`` and ``repoproviders.py``).
"""

from __future__ import annotations

import hashlib
import string

import escapism

from hubroam.environments.port import Origin

# What the name of a repository in a registry may have at most, and of that the hash has six.
_LONGEST, _HASH = 255, 6
_SAFE = frozenset(string.ascii_letters + string.digits)


def image_name(prefix: str, origin: Origin, tree: str) -> str:
    """The name of a repository's image.

    Args:
        prefix: What the operator has in front: a registry, or only words.
        origin: Where the repository is from.
        tree: What stands for the commit of a folder that is none.
    """
    slug = _slug(origin)
    limit = _LONGEST - len(prefix)
    digest = hashlib.sha256(slug.encode()).hexdigest()[:_HASH]
    words = escapism.escape(slug, safe=_SAFE, escape_char="-")[: limit - _HASH - 1]
    return f"{prefix}{words}-{digest}:{origin.version or tree[:40]}".replace("_", "-").lower()


def _slug(origin: Origin) -> str:
    """What BinderHub's providers call a repository."""
    if origin.provider == "gh":
        return origin.repository.replace("/", "-", 1)
    if origin.provider == "gl":
        return "-".join(part.replace("-", "_-") for part in origin.repository.split("/"))
    if origin.provider == "gist":
        return origin.repository.rpartition("/")[2]
    if origin.provider in ("", "git"):
        return origin.repository
    return f"{origin.provider}-{origin.repository}"
