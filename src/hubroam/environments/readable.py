"""Solvers' and downloaders' explanations, for people: shorter, and with the line that is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from hubroam.errors import RecipeError, ResolutionFailed
from hubroam.recipes import DirectoryFiles, InstallRequirements, Recipe, read_requirements

_TREE = re.compile(r"[│├└─]+")
# What rattler's solver says, and what is said here.
_SAID = (
    (re.compile(r"(?<=[\w.-]) \*(?=[ ,.]|$)"), ""),
    (re.compile(r" because there are no viable options"), ""),
    (re.compile(r", for which no candidates were found"), ", which the others leave no version of"),
    (re.compile(r"would require"), "needs"),
)
_NONE = re.compile(r"No candidates were found for (?P<spec>.+?)\.?")
_URL = re.compile(r"https?://[^\s)]+")
_REASONS = (
    (re.compile(r"connection refused", re.I), "nothing answers there"),
    (
        re.compile(r"dns error|name or service not known|failed to lookup", re.I),
        "its host is not known",
    ),
    (re.compile(r"timed? ?out", re.I), "it did not answer in time"),
    (re.compile(r"certificate|\btls\b", re.I), "its host does not prove who it is"),
    (re.compile(r"\b(?P<status>[45]\d\d)\b"), r"it answers \g<status>"),
)


def solver_reason(words: str) -> str:
    """What conda's solver says, in one line that a person reads."""
    text = " ".join(_TREE.sub(" ", words).split())
    text = text.removeprefix("Cannot solve the request because of: ")
    for pattern, said in _SAID:
        text = pattern.sub(said, text)
    none = _NONE.fullmatch(text)
    return f"no channel has {none['spec']}." if none else text


def channel_reason(words: str, channels: Iterable[str]) -> tuple[str, str]:
    """Which channel could not be read, and why.

    Returns:
        The channel as the recipe names it, or its address; and a reason, empty where none is known.
    """
    found = _URL.search(words)
    url = found[0] if found else ""
    plain = words.replace(url, "")
    reason = next(
        (match.expand(said) for each, said in _REASONS if (match := each.search(plain))), ""
    )
    named = (each for each in channels if each and each.strip("/") in url)
    return next(named, url.rsplit("/", 2)[0]), reason


def line_naming(path: Path, names: Iterable[str]) -> str:
    """Where a file first names one of some words: ``, line 4``; empty where it does not."""
    words = [re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])") for name in names if name]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    for number, line in enumerate(lines, 1):
        plain = line.split("#", 1)[0]
        if any(word.search(plain) for word in words):
            return f", line {number}"
    return ""


def with_lines(error: ResolutionFailed, recipe: Recipe, source: Path) -> ResolutionFailed:
    """An error of uv's solver, with the lines of the requirements that it speaks of."""
    files = DirectoryFiles(source)
    places = []
    for step in recipe.steps:
        if not isinstance(step, InstallRequirements):
            continue
        try:
            named = read_requirements(files, step.path).packages
        except RecipeError:
            continue
        for each in named:
            if re.search(rf"(?<![\w-]){re.escape(each.requirement.name)}(?![\w-])", error.message):
                places.append(f"{each.path}, line {each.line}")
    if not places:
        return error
    return ResolutionFailed(
        f"{error.message.rstrip('.')} ({'; '.join(places[:4])}).", next_step=error.next_step
    )
