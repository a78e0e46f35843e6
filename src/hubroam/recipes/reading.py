"""Reading a recipe, by repo2docker's rules.

The order in which files are looked for, and what else counts, is repo2docker's: its build packs
in their order, ``binder/`` or ``.binder/`` in place of the root.  Two things are read that it
passes over, where it would find less: ``uv.lock``, and the Python that ``pyproject.toml`` asks for.

**What decides an environment** (`Recipe.inputs`): every file of the recipe; all of ``binder/``
when the recipe is there; files that these include; the whole of a folder that is installed as a
package; and, of a ``postBuild`` or ``install.R``, which may read anything, each file or folder that
it names.  A commit that changes nothing of this, such as a book's prose, keeps its environment.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import Any

from hubroam.errors import RecipeError, RecipeUnsupported
from hubroam.recipes.apt import read_apt
from hubroam.recipes.conda import read_environment
from hubroam.recipes.files import Files
from hubroam.recipes.pixi import read_pixi
from hubroam.recipes.r import brings_r, read_r
from hubroam.recipes.recipe import (
    InstallConda,
    InstallDescription,
    InstallPipfile,
    InstallProject,
    InstallRequirements,
    Recipe,
    RunInstallR,
    RunPostBuild,
    Step,
    SyncUvLock,
    UseR,
)
from hubroam.recipes.requirements import Needs, read_lines, read_requirements, read_text

_CONTAINERS = "Launch it on a hub whose builder runs containers, such as a BinderHub."
_PYTHON_VERSION = re.compile(r"python-(\d+(?:\.\d+){0,2})")


def read_recipe(files: Files) -> Recipe:
    """Find and read a repository's recipe.

    Args:
        files: The repository's files.

    Raises:
        RecipeError: The recipe cannot be read; the message names file and line.
        RecipeUnsupported: It asks for what needs another builder: the message names the file and
            the reason, the next step what would honour it.
    """
    return _Reader(files).read()


@dataclass
class _Reader:
    files: Files
    directory: str = ""
    steps: list[Step] = field(default_factory=list)
    inputs: set[str] = field(default_factory=set)
    python: str | None = None
    python_source: str | None = None
    named: tuple[str, ...] | None = None

    def read(self) -> Recipe:
        self._names = frozenset(self.files.names())
        self.directory = self._find_directory()
        self._refuse_other_builders()
        description = None if self.directory else self._path("DESCRIPTION")
        use_r = read_r(self.files, self._path("runtime.txt"), description)
        if use_r:
            self._read_packages_beside_r(use_r)
        else:
            self._read_packages()
        apt, apt_source = self._read_apt()
        kind = "python" if self.steps or self.python else "default"
        if any(isinstance(step, InstallConda) for step in self.steps):
            kind = "conda"
        kind = "r" if use_r else kind
        self._read_install_r(description if use_r else None)
        self._read_post_build()
        if self.directory and kind != "default":
            self.inputs.add(self.directory)
        return Recipe(
            kind=kind,
            directory=self.directory,
            python=self.python,
            python_source=self.python_source,
            steps=tuple(self.steps),
            start=self._path("start"),
            apt=apt,
            apt_source=apt_source,
            inputs=tuple(sorted((name, self._content(name)) for name in self.inputs)),
            named=self.named,
        )

    def _find_directory(self) -> str:
        folders = {name.split("/", 1)[0] for name in self._names if "/" in name}
        found = [name for name in ("binder", ".binder") if name in folders]
        if len(found) == 2:
            raise RecipeError(
                "The repository has both binder/ and .binder/.",
                next_step="Keep the recipe in one of them.",
            )
        return found[0] if found else ""

    def _content(self, name: str) -> str:
        """A digest of a file or folder; the ``start`` script of a folder does not count."""
        if name and name == self.directory:
            below = sorted(n for n in self._names if n.startswith(f"{name}/"))
            counted = [n for n in below if n != f"{name}/start"]
            return json.dumps([[n, self.files.digest(n)] for n in counted])
        if name in self._names:
            return hashlib.sha256(self.files.read(name)).hexdigest()
        return self.files.digest(name)

    def _path(self, name: str) -> str | None:
        """The path of a file of the recipe, if it is there."""
        path = f"{self.directory}/{name}" if self.directory else name
        return path if path in self._names else None

    def _take(self, name: str) -> str | None:
        """As `_path`, and the file decides the environment."""
        path = self._path(name)
        if path:
            self.inputs.add(path)
        return path

    def _refuse_other_builders(self) -> None:
        """Refuse what the local builder cannot honour, in repo2docker's order of precedence.

        Raises:
            RecipeUnsupported: Naming the first file that decides.
        """
        self._refuse("Dockerfile", "it describes a container")
        for name in ("JuliaProject.toml", "Project.toml"):
            self._refuse(name, "it asks for Julia")
        if old := self._path("REQUIRE"):
            raise RecipeError(
                f"{old} names packages as Julia did before its version 1: nothing installs them "
                "any more.",
                next_step="Write a Project.toml, or take the file out where it is of no use.",
            )
        self._refuse("default.nix", "it asks for Nix")

    def _refuse(self, name: str, reason: str) -> None:
        if path := self._path(name):
            raise RecipeUnsupported(
                f"This hub cannot honour {path}: {reason}, which its local builder does not build.",
                next_step=_CONTAINERS,
                reason=f"{path}: {reason}",
            )

    def _read_packages(self) -> None:
        """What is installed; the first kind of file that is there decides."""
        environment = self._path("environment.yml") or self._path("environment.yaml")
        if environment:
            self._read_conda(environment)
            return
        if self._path("Pipfile") or self._path("Pipfile.lock"):
            self._read_pipfile()
            return
        self._read_runtime()
        requirements = self._path("requirements.txt")
        if not requirements and self._read_pixi():
            return
        named = self._read_requirements(requirements).named() if requirements else ()
        if not requirements and self._path("uv.lock") and self._path("pyproject.toml"):
            self._read_uv_lock()
        elif not self.directory:
            # repo2docker installs the project itself only where there is no binder/
            self._read_project()
        if len(self.steps) == bool(requirements):  # and nothing else
            self.named = named

    def _read_requirements(self, path: str) -> Needs:
        needs = read_requirements(self.files, path)
        self.inputs |= {*needs.files, *needs.trees}
        self.steps.append(InstallRequirements(path))
        return needs

    def _read_packages_beside_r(self, use_r: UseR) -> None:
        """What is installed where R is asked for: all of these that are there.

        As with repo2docker, whose R includes its Python, and that its conda; a Pipfile does not
        count.
        """
        self.steps.append(use_r)
        self.inputs.add(use_r.path)
        if environment := self._path("environment.yml") or self._path("environment.yaml"):
            self._read_conda(environment)
        if not environment and self._path("runtime.txt") not in (None, use_r.path):
            self._read_runtime()
        if requirements := self._path("requirements.txt"):
            self._read_requirements(requirements)
        if not self.directory:
            self._read_project()

    def _read_install_r(self, description: str | None) -> None:
        """R's own packages; they come after all of Python's.

        repo2docker runs an ``install.R`` only where R is asked for otherwise.  Where conda brings
        R, it is run as well: nobody writes one beside it for another purpose.
        """
        conda = [step for step in self.steps if isinstance(step, InstallConda)]
        r_is_there = any(isinstance(step, UseR) for step in self.steps)
        if r_is_there or any(brings_r(step.packages) for step in conda):
            script = self._take("install.R")
            if script:
                self.steps.append(RunInstallR(script))
                self.inputs |= self._named_in(script) | ({"renv.lock"} & self._names)
        if description:
            self.inputs.add("")  # the repository is installed: any file may be part of it
            self.steps.append(InstallDescription(description))

    def _read_conda(self, path: str) -> None:
        step, needs = read_environment(self.files, path)
        lock = self._path("conda-lock.yml")
        if lock:
            self.inputs.add(lock)
        self._add_conda(replace(step, lock=lock), needs)

    def _read_pixi(self) -> bool:
        """A pixi workspace, which repo2docker does not read; what it reads wins."""
        lock, manifest = self._path("pixi.lock"), self._path("pixi.toml")
        if manifest:
            document = self._toml(manifest)
        elif lock and (manifest := self._path("pyproject.toml")):
            document = self._toml(manifest).get("tool", {}).get("pixi")
        if manifest is None or not isinstance(document, dict):
            return False
        if lock:
            self.inputs.add(lock)
        step = read_pixi(document, manifest, lock=lock)
        self._add_conda(step, read_lines(self.files, manifest, step.pip))
        return True

    def _add_conda(self, step: InstallConda, needs: Needs) -> None:
        self.inputs |= {step.path, *needs.files, *needs.trees}
        self.steps.append(step)

    def _read_runtime(self) -> None:
        path = self._take("runtime.txt")
        if path is None:
            return
        text = read_text(self.files, path).strip()
        match = _PYTHON_VERSION.fullmatch(text)
        if match is None:
            raise RecipeError(
                f"{path} asks for {text[:40] or 'nothing'}, which is no version.",
                next_step="Write one line such as python-3.12.",
            )
        self._want_python(match[1], path)

    def _want_python(self, version: str | None, source: str) -> None:
        if version and self.python is None:
            self.python, self.python_source = version, source

    def _read_uv_lock(self) -> None:
        """``uv.lock``, which repo2docker does not read.

        A requirements.txt beside it wins, since that is what made the repository run on Binder.
        """
        pyproject, lock = self._take("pyproject.toml"), self._take("uv.lock")
        assert pyproject  # noqa: S101 (the caller looked)
        assert lock  # noqa: S101
        project = self._toml(pyproject)
        self._toml(lock)
        if "build-system" in project:
            self.inputs.add(self.directory)  # the project itself is installed
        wanted = self._path(".python-version")
        version = read_text(self.files, wanted).strip() if wanted else ""
        if wanted and re.fullmatch(r"\d+\.\d+(\.\d+)?", version):
            self.inputs.add(wanted)
            self._want_python(version, wanted)
        self._want_python(_requires_python(project), pyproject)
        self.steps.append(SyncUvLock(self.directory or "."))

    def _read_project(self) -> None:
        pyproject = self._path("pyproject.toml")
        project = self._toml(pyproject) if pyproject else {}
        is_package = "project" in project and "build-system" in project
        if not is_package and not self._path("setup.py"):
            return
        self.inputs.add("")  # any file may be part of the package
        if pyproject and is_package:
            self._want_python(_requires_python(project), pyproject)
        self.steps.append(InstallProject("."))

    def _read_pipfile(self) -> None:
        pipfile, lock = self._take("Pipfile"), self._take("Pipfile.lock")
        if lock:
            try:
                document = json.loads(read_text(self.files, lock))
                requires = document.get("_meta", {}).get("requires", {})
                tables = [document.get("default", {}), document.get("develop", {})]
            except (ValueError, AttributeError):
                raise RecipeError(
                    f"{lock} is not a lock file of pipenv.", next_step="Run: pipenv lock"
                ) from None
        else:
            assert pipfile  # noqa: S101 (the caller looked)
            document = self._toml(pipfile)
            requires = document.get("requires", {})
            tables = [document.get("packages", {}), document.get("dev-packages", {})]
        version = requires.get("python_full_version") or requires.get("python_version")
        if isinstance(version, str):
            self._want_python(version, lock or pipfile or "")
        entries = [entry for table in tables for entry in table.values()]
        if any(isinstance(entry, dict) and {"path", "file"} & entry.keys() for entry in entries):
            self.inputs.add("")  # a package of the repository itself
        self.steps.append(InstallPipfile(self.directory or ".", locked=lock is not None))

    def _toml(self, path: str) -> dict[str, Any]:
        try:
            return tomllib.loads(read_text(self.files, path))
        except tomllib.TOMLDecodeError as error:
            raise RecipeError(
                f"{path} is not TOML: {error}.", next_step="Correct the file."
            ) from None

    def _read_apt(self) -> tuple[tuple[str, ...], str | None]:
        path = self._take("apt.txt")
        if path is None:
            return (), None
        return read_apt(self.files, path), path

    def _read_post_build(self) -> None:
        path = self._take("postBuild")
        if path is None:
            return
        self.steps.append(RunPostBuild(path))
        self.inputs |= self._named_in(path)

    def _named_in(self, path: str) -> set[str]:
        """The files and folders of the repository that a script names."""
        words = set(re.findall(r"[\w.@+-][\w./@+-]*", read_text(self.files, path)))
        words = {word.removeprefix("./").rstrip("/.") for word in words}
        folders = {
            "/".join(parts[:depth])
            for parts in (name.split("/") for name in self._names)
            for depth in range(1, len(parts))
        }
        return words & (self._names | folders)


def _requires_python(project: dict[str, Any]) -> str | None:
    table = project.get("project", {})
    version = table.get("requires-python") if isinstance(table, dict) else None
    return version if isinstance(version, str) else None
