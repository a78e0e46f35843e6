"""Conda's packages as requirements for the Python index, where that is surely the same.

What a package's text means is what rattler, conda's solver here, reads in it; versions are written
by PEP 440. Whatever has no exact word there is a reason for conda to build the recipe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from hubroam.environments.counterparts.beside import smaller_part, why_not_enough
from hubroam.environments.counterparts.names import Names, NotSure
from hubroam.recipes import InstallConda, InstallCounterparts

if TYPE_CHECKING:
    from rattler import MatchSpec

#: Channels whose packages the lists are about.
_CHANNELS = {"conda-forge", "defaults"}
_FUZZY = re.compile(r"(?P<not>!=)?(?P<version>\d+(\.\d+)*)\.\*")
_EXACT = re.compile(r"(==|>=|<=|!=|~=|>|<)\d+(\.\d+)*((a|b|rc)\d+|\.post\d+)?")
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)[\s=]*\S")


def translate(step: InstallConda, names: Names) -> tuple[InstallCounterparts, str | None]:
    """Find the counterparts of a recipe's packages.

    Args:
        step: What stands in the recipe.
        names: Which project each package is.

    Returns:
        What to install in its place, and the Python that it asks for: a version, a specifier, or
        None.

    Raises:
        NotSure: Of a package there is no counterpart for sure.
    """
    if step.lock:
        raise NotSure(f"{step.lock} pins conda's own packages")
    other = next((name for name in step.channels if name not in _CHANNELS), None)
    if other:
        raise NotSure(f"the channel {other} is not one whose packages are known on PyPI")
    check_lines(step.pip)
    packages, python = [], []
    for text in step.packages:
        spec = _spec(text)
        name = _name(spec)
        versions = [_version(each, text) for each in str(spec.version or "*").split(",")]
        version = ",".join(each for each in versions if each)
        if name == "python":
            python += [each for each in versions if each]
            packages.append((text, ""))
        else:
            packages.append((text, f"{_project(name, names)}{version}"))
    return InstallCounterparts(step, tuple(packages)), _python(python)


def check_lines(lines: Iterable[str]) -> None:
    """See whether lines of a requirements file name nothing but projects of the index.

    Raises:
        NotSure: One does.
    """
    for raw in "\n".join(lines).splitlines():
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        if not line or _INCLUDE.match(line):
            continue
        if line.startswith("-"):
            raise NotSure(f"pip's line {line[:60]} sets more than what is installed")
        try:
            url = Requirement(line).url
        except InvalidRequirement:
            url = line
        if url:
            raise NotSure(f"pip's line {line[:60]} installs from another place than PyPI")


def _spec(text: str) -> MatchSpec:
    """What a package's text means to conda.

    Raises:
        NotSure: Nothing, or more than a name and versions.
    """
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    try:
        spec = MatchSpec(text, strict=False)
    except InvalidMatchSpecError:
        raise NotSure(f"{text} is not a package with a version") from None
    if "::" in text or spec.channel or spec.subdir:
        raise NotSure(f"{text} names its channel")
    if spec.build or spec.build_number:
        raise NotSure(f"{text} names a build, and PyPI has none")
    if "[" in text:
        raise NotSure(f"{text} asks for more than a version")
    return spec


def _name(spec: MatchSpec) -> str:
    name = spec.name
    return name.normalized if hasattr(name, "normalized") else str(name)


def _project(name: str, names: Names) -> str:
    """The one project that a package is.

    Raises:
        NotSure: There is none, more than one, or one that is not enough.
    """
    projects = names.get(name)
    if projects is None:
        raise NotSure(f"{name} has no known counterpart on PyPI")
    if not projects:
        raise NotSure(f"{name} is no Python package")
    if len(projects) > 1:
        raise NotSure(f"{name} may be {' or '.join(projects[:4])} on PyPI")
    if reason := why_not_enough(projects[0]):
        raise NotSure(f"{name} is not enough from PyPI: {reason}")
    if part := smaller_part(name, names):
        raise NotSure(f"{name} brings more than {part}, which is all that PyPI has")
    return projects[0]


def _version(clause: str, text: str) -> str:
    """One condition of conda's, by PEP 440.

    Raises:
        NotSure: It has no such word.
    """
    if clause == "*":
        return ""
    if fuzzy := _FUZZY.fullmatch(clause):
        return f"{fuzzy['not'] or '=='}{fuzzy['version']}.*"
    if _EXACT.fullmatch(clause):
        return clause
    raise NotSure(f"the version of {text} cannot be said to PyPI exactly")


def _python(versions: list[str]) -> str | None:
    if len(versions) == 1 and (fuzzy := re.fullmatch(r"==([\d.]+)\.\*", versions[0])):
        return fuzzy[1]
    return ",".join(versions) or None
