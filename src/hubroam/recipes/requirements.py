"""``requirements.txt``: checked before any work, and followed to what it includes."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from hubroam.errors import RecipeError
from hubroam.recipes.files import Files

# Files that include files that include files: nobody writes more.
_DEPTH = 10
_COMMENT = re.compile(r"(^|\s)#.*$")
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)(?:\s+|=)?(?P<path>.+)")
_EDITABLE = re.compile(r"(-e|--editable)(?:\s+|=)?(?P<path>.+)")
_PLACE = re.compile(r"(-i|--index-url|--extra-index-url|-f|--find-links)(?:\s+|=)?(?P<url>.+)")
_HASHES = re.compile(r"\s+--hash[=\s]\S+")
_OTHER = re.compile(
    r"--(pre|prefer-binary|require-hashes|no-index|no-binary|only-binary|trusted-host|use-feature)"
    r"(?:[=\s].*)?"
)


@dataclass(frozen=True)
class Named:
    """A package that a requirements file names.

    Attributes:
        path: The file.
        line: Its line, from 1.
        requirement: What is asked for.
        constraint: Whether it only limits the version of what something else asks for.
    """

    path: str
    line: int
    requirement: Requirement
    constraint: bool


@dataclass
class Needs:
    """What requirements files ask for.

    Attributes:
        files: The files, the one that was asked for first.
        trees: Folders and files of the repository that are installed from.
        folder: Where pip runs, and so where local paths begin; empty for the repository's root.
        packages: Packages that are asked for by name, in the order of the lines.
        plain: Whether that is all that they ask for: no address, no path, no hash, no option.
    """

    files: list[str] = field(default_factory=list)
    trees: set[str] = field(default_factory=set)
    folder: str = ""
    packages: list[Named] = field(default_factory=list)
    plain: bool = True

    def named(self) -> tuple[str, ...] | None:
        """What identifies all that is asked for; None where there is more than names."""
        if not self.plain:
            return None
        return tuple(
            f"-c {each.requirement}" if each.constraint else str(each.requirement)
            for each in self.packages
        )


def read_requirements(files: Files, path: str) -> Needs:
    """Check a requirements file and all that it includes.

    Args:
        files: The repository.
        path: The requirements file.

    Raises:
        RecipeError: A line cannot be read, or names something outside of the repository; the
            message names file and line.
    """
    needs = Needs()
    _read(files, path, needs, depth=0, constraint=False)
    return needs


def read_lines(files: Files, path: str, lines: Sequence[str]) -> Needs:
    """Check requirements that stand in a file of another kind; otherwise as `read_requirements`.

    Args:
        files: The repository.
        path: The file that they stand in; paths in them begin at its folder.
        lines: As in a requirements file.
    """
    needs = Needs(folder=posixpath.dirname(path))
    where = f"{path}, pip's line"
    _check(files, path, "\n".join(lines), needs, depth=0, line_of=where, constraint=False)
    return needs


def _read(files: Files, path: str, needs: Needs, *, depth: int, constraint: bool) -> None:
    if path in needs.files:
        return
    if depth > _DEPTH:
        raise RecipeError(
            f"{path} is included too deeply.", next_step="Write the requirements into one file."
        )
    needs.files.append(path)
    where = f"{path}, line"
    text = read_text(files, path)
    _check(files, path, text, needs, depth=depth, line_of=where, constraint=constraint)


def _check(
    files: Files,
    path: str,
    text: str,
    needs: Needs,
    *,
    depth: int,
    line_of: str,
    constraint: bool,
) -> None:
    for number, line in _lines(text):
        where = f"{line_of} {number}"
        if match := _INCLUDE.fullmatch(line):
            other = _inside(path, match["path"].strip(), where)
            if other not in files.names():
                raise RecipeError(
                    f"{where} includes {other}, which is not in the repository.",
                    next_step="Add the file, or take the line out.",
                )
            limits = constraint or match[1] in ("-c", "--constraint")
            _read(files, other, needs, depth=depth + 1, constraint=limits)
        elif match := _EDITABLE.fullmatch(line):
            needs.plain = False
            _local_or_url(files, match["path"].strip(), where, needs)
        elif match := _PLACE.fullmatch(line):
            needs.plain = False
            _check_url(match["url"].strip(), where)
        elif line.startswith("-"):
            needs.plain = False
            if not _OTHER.fullmatch(line):
                raise _unreadable(where, line)
        else:
            requirement = _check_requirement(files, line, where, needs)
            if requirement is not None:
                needs.packages.append(Named(path, number, requirement, constraint))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with their numbers; without comments, continued lines joined."""
    held, first = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        first = first or number
        if raw.endswith("\\") and not raw.lstrip().startswith("#"):
            held += raw[:-1] + " "
            continue
        line = _COMMENT.sub("", held + raw).strip()
        if line:
            yield first, line
        held, first = "", 0
    if held.strip():
        yield first, held.strip()


def _check_requirement(files: Files, line: str, where: str, needs: Needs) -> Requirement | None:
    """Check a line; returns its requirement unless it is no more than a place to install from."""
    plain = _HASHES.sub("", line).strip()
    needs.plain = needs.plain and plain == line
    try:
        requirement = Requirement(plain)
    except InvalidRequirement:
        if plain.startswith((".", "/")) or "/" in plain or plain.endswith((".whl", ".tar.gz")):
            needs.plain = False
            _local_or_url(files, plain, where, needs)
            return None
        raise _unreadable(where, line) from None
    if requirement.url:
        needs.plain = False
        _local_or_url(files, requirement.url, where, needs)
    return requirement


def _local_or_url(files: Files, text: str, where: str, needs: Needs) -> None:
    """A URL to fetch from, or a path in the repository that the environment then depends on."""
    scheme = urlsplit(text).scheme.lower()
    if scheme in ("http", "https", "git+https", "git+http", "git+ssh", "hg+https", "svn+https"):
        return
    if scheme:
        raise RecipeError(
            f"{where} installs from {scheme}:, which a hub does not read.",
            next_step="Use https or git+https, or a path in the repository.",
        )
    # pip reads local paths from where it runs
    plain = re.sub(r"\[[^\]]*\]$", "", text.split(" ;")[0].strip())
    tree = _inside(posixpath.join(needs.folder, "_"), plain, where)
    tree = "" if tree == "." else tree
    try:
        files.digest(tree)
    except KeyError:
        raise RecipeError(
            f"{where} installs {text}, which is not in the repository.",
            next_step=f"Correct the path; it starts at {needs.folder or 'the repository'}.",
        ) from None
    needs.trees.add(tree)


def _check_url(url: str, where: str) -> None:
    if urlsplit(url).scheme.lower() not in ("http", "https"):
        raise RecipeError(
            f"{where} names a place for packages that is no web address.",
            next_step="Use a URL that begins with https://.",
        )


def _inside(path: str, other: str, where: str) -> str:
    """A path that is written in a file, as a path of the repository."""
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
    if joined.startswith(("../", "/")) or joined == ".." or "\0" in joined:
        raise RecipeError(
            f"{where} leaves the repository.", next_step="Name files of the repository only."
        )
    return joined


def _unreadable(where: str, line: str) -> RecipeError:
    return RecipeError(
        f"{where} is not a requirement: {line[:80]}",
        next_step="Write one requirement a line, such as numpy>=2.",
    )


def read_text(files: Files, path: str) -> str:
    """A file's text.

    Raises:
        RecipeError: It is not UTF-8.
    """
    try:
        return files.read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecipeError(
            f"{path} is not UTF-8 text (byte {error.start}).", next_step="Save it as UTF-8."
        ) from None
