"""The one place where repo2docker's and the engine's words become errors for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hubroam.environments.commands import DISK_IS_FULL
from hubroam.errors import BuildError, DiskFull, HubroamError, RecipeError

# How BuildKit, the builder before it and Podman name the step that failed; the last one did.
_STEP = re.compile(
    r"^ > \[(?P<stage>[^\]]*)\] (?P<kit>.+):$|^(?:Step|STEP) \d+/\d+ ?: (?P<step>.+)$", re.MULTILINE
)
_STATUS = re.compile(r"(?:exit code:|non-zero code:|exit status) (\d+)")
_UNREADABLE = re.compile(r"dockerfile parse error (?:on )?line (\d+): (.+)", re.IGNORECASE)
_EMPTY = re.compile(r"the Dockerfile.* cannot be empty|Error: no contents in .*Dockerfile")
_UNKNOWN = re.compile(r"Unknown instruction: \"(\w+)\"")
_BUILDKIT = re.compile(r"requires BuildKit")
_METADATA = "load metadata for "
_VARIABLE = re.compile(r"\\\$(?:\\\{.+?\\\}|\w+)")

# The status of a program that the kernel has ended.
_KILLED = "137"

# Characters of a step, and of a reason, that are shown.
_LONGEST = 200

_AUTHOR = "Tell the book's author; the log says more."


def build_failure(source: Path, output: str, reason: str = "", *, memory: str = "") -> HubroamError:
    """Say why an image could not be built.

    Args:
        source: The repository's files.
        output: The end of what repo2docker and the engine have said.
        reason: What repo2docker says of a recipe that it cannot read.
        memory: What a step might have; empty where there was no limit.
    """
    if DISK_IS_FULL.search(output):
        return DiskFull.of_hub()
    if reason:
        return BuildError(f"repo2docker cannot build this: {_short(reason)}", next_step=_AUTHOR)
    path = _dockerfile(source)
    if path and (found := _UNREADABLE.search(output)):
        return RecipeError(
            f"{path}, line {found[1]} cannot be read: {_short(found[2])}.", next_step=_AUTHOR
        )
    if path and _EMPTY.search(output):
        return RecipeError(f"{path} is empty.", next_step=_AUTHOR)
    if path and memory and _BUILDKIT.search(output):
        return RecipeError(
            f"{path} needs BuildKit, and this hub builds without it, to hold a limit of memory.",
            next_step="Write it without RUN --mount and the like, or launch it on another hub.",
        )
    steps = list(_STEP.finditer(output))
    if not steps:
        return BuildError("The image could not be built.", next_step="See the log for the reason.")
    stage, step = steps[-1]["stage"] or "", steps[-1]["kit"] or steps[-1]["step"]
    status = _STATUS.search(output)
    if path and (unknown := _UNKNOWN.search(output)):
        return RecipeError(
            f"{path}, line {_line_of(source / path, step)} cannot be read: "
            f"unknown instruction: {unknown[1]}.",
            next_step=_AUTHOR,
        )
    first = step.partition(" ")[2] if step.startswith("FROM ") else ""
    if stage == "internal" and step.startswith(_METADATA):
        first = step.removeprefix(_METADATA).removeprefix("docker.io/").removeprefix("library/")
    if first:
        return BuildError(
            f"The image {_short(first)}, with which {path or 'the build'} begins, cannot be had.",
            next_step="Tell the book's author, or the people who run this hub, which may not reach "
            "that registry; the log says more.",
        )
    how = f" with status {status[1]}" if status else ""
    number = _line_of(source / path, step) if path else None
    if memory and status and status[1] == _KILLED:
        return BuildError(
            f"{f'{path}, line {number}' if number else 'A step of the build'} was ended, as is "
            f"what needs more than {memory.upper()} of memory: {_short(step)}",
            next_step="Tell the book's author to let it need less, or the people who run this hub "
            "to allow more (ContainerBuilder.build_memory).",
        )
    if number:
        return BuildError(f"{path}, line {number} failed{how}: {_short(step)}", next_step=_AUTHOR)
    return BuildError(f"Building the image failed{how} at: {_short(step)}", next_step=_AUTHOR)


def refuse_links_out(source: Path, names: Iterable[str]) -> None:
    """Refuse a recipe that would have repo2docker read this machine's own files.

    Args:
        source: The repository's files.
        names: What repo2docker reads in the recipe's folder.

    Raises:
        RecipeError: One of them is a link that leads out of the repository.
    """
    root = source.resolve()
    folders = [source / "binder", source / ".binder"]
    read = [source / name for name in (*names, ".dockerignore", ".containerignore")]
    below = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    for path in (*folders, *read, *below):
        if not path.resolve().is_relative_to(root):
            raise RecipeError(
                f"{path.relative_to(source)} is a link that leads out of the repository.",
                next_step="Put the file itself there.",
            )


def _dockerfile(source: Path) -> str | None:
    for folder in ("binder/", ".binder/", ""):
        if (source / folder).is_dir():
            path = f"{folder}Dockerfile"
            return path if (source / path).is_file() else None
    return None


def _line_of(dockerfile: Path, step: str) -> int | None:
    """The number of the line in which a step begins; the step has its variables replaced."""
    text = dockerfile.read_text(encoding="utf-8", errors="replace")
    for number, instruction in _instructions(text):
        pattern = _VARIABLE.sub(".*", re.escape(" ".join(instruction.split())))
        if re.fullmatch(pattern, " ".join(step.split()), re.IGNORECASE):
            return number
    return None


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """The instructions of a Dockerfile, each on one line, and where they begin."""
    held, began = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        began = began or number
        held += line.rstrip().removesuffix("\\") + " "
        if not line.rstrip().endswith("\\"):
            yield began, held
            held, began = "", 0


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
