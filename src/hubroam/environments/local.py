"""The local builder: Python, conda and R recipes, on the hub's own machine."""

from __future__ import annotations

import asyncio
import platform
import shutil
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from traitlets import Bool, Dict, Float, List, Unicode
from traitlets.config import LoggingConfigurable

from hubroam.environments.commands import Log, output_of
from hubroam.environments.conda import CondaSettings
from hubroam.environments.counterparts import prefer
from hubroam.environments.installing import Installation, Installed
from hubroam.environments.lock import one_index
from hubroam.environments.locked import LockedInstallation
from hubroam.environments.port import Origin, Plan
from hubroam.environments.pythons import Interpreter, find_python
from hubroam.environments.r import HostR, RSettings, choose_r
from hubroam.environments.readable import with_lines
from hubroam.environments.resolved import ResolvedInstallation
from hubroam.environments.store import EnvironmentStore
from hubroam.environments.uv import Uv
from hubroam.errors import BuildTimeout, RecipeUnsupported, ResolutionFailed
from hubroam.recipes import Files, InstallConda, InstallLocked, Recipe, read_recipe
from hubroam.recipes.conda import subdir

#: Part of every digest: raised when the same recipe would give another environment.
BUILDER_VERSION = "local-3"

_CONTAINERS = "Or launch it on a hub whose builder runs containers, such as a BinderHub."


@dataclass(frozen=True)
class LocalPlan(Plan):
    """As `Plan`.

    Attributes:
        interpreter: The Python that the environment is for.
        note: Why what the operator prefers cannot be done; empty where it can.
        r: This machine's R, where the recipe gets that.
    """

    interpreter: Interpreter
    note: str = ""
    r: HostR | None = None


class LocalBuilder(LoggingConfigurable):
    """Builds recipes of Python, conda and R; refuses the rest before any work."""

    name = "local"
    #: What a recipe may hold for this builder.
    recipe_files = (
        "requirements.txt",
        "runtime.txt",
        "pyproject.toml",
        "setup.py",
        "Pipfile",
        "Pipfile.lock",
        "uv.lock",
        "environment.yml",
        "environment.yaml",
        "conda-lock.yml",
        "pixi.toml",
        "pixi.lock",
        "install.R",
        "DESCRIPTION",
        "postBuild",
        "start",
    )

    build_timeout = Float(1800.0, config=True, help="Seconds that a build may take.")
    postbuild_timeout = Float(600.0, config=True, help="Seconds that a ``postBuild`` may take.")
    conda_mirrors = Dict(
        key_trait=Unicode(),
        value_trait=List(Unicode()),
        config=True,
        help="Addresses to ask in place of a conda channel's own, such as "
        "``{'https://conda.anaconda.org/conda-forge': ['https://mirror.example.org/forge']}``.",
    )
    conda_auth_file = Unicode(
        config=True,
        help="A file with the credentials of conda channels, in the form of rattler "
        "(``RATTLER_AUTH_FILE``); builds do not see it, their solver does.",
    )
    prefer_pypi = Bool(
        False,
        config=True,
        help="Whether an ``environment.yml`` whose every package is known on PyPI, and has wheels "
        "there, is built from PyPI in place of conda's channels.",
    )
    pypi_mapping = Unicode(
        config=True,
        help="The list of PyPI's names for conda's packages: a file, or an address that is asked "
        "once a day (``…#sha256=…`` to hold it to a checksum). Empty for the list that conda-pypi "
        "brings, which `hubroam[prefer-pypi]` installs.",
    )
    r = Unicode("R", config=True, help="This machine's R, a name or a path; empty for none.")
    r_conda = Bool(
        True,
        config=True,
        help="Whether recipes get conda's R where this machine's is not the one that they ask for.",
    )
    cran_url = Unicode(
        "https://packagemanager.posit.co/cran/{linux}{date}",
        config=True,
        help="Where CRAN is, as it was on ``{date}``; in place of ``{linux}`` stands what Posit's "
        "mirror calls this machine's system, such as ``__linux__/bookworm/``, and nothing for "
        "conda's R.",
    )
    python_downloads = Bool(
        True, config=True, help="Whether uv may download a Python that is not on this machine."
    )

    def collect(self, store: EnvironmentStore) -> list[str]:
        """Nothing: what it builds is kept until an operator removes it."""
        return []

    def read(self, files: Files) -> Recipe:
        """Read a repository's recipe: see `hubroam.recipes.read_recipe`."""
        return read_recipe(files)

    async def plan(
        self,
        recipe: Recipe,
        say: Callable[[str], None] = lambda _: None,
        *,
        origin: Origin | None = None,
    ) -> LocalPlan:
        """Decide whether and how to build a recipe.

        Args:
            recipe: The recipe.
            say: Takes what happens when this takes a while.
            origin: Makes no difference: an environment belongs to its recipe.

        Raises:
            RecipeUnsupported: It asks for what this builder cannot do; no work was done.
        """
        await self._check_apt(recipe)
        interpreter: Interpreter | None = None
        note = ""
        if self.prefer_pypi and recipe.kind == "conda":
            recipe, interpreter, note = await prefer(recipe, self.pypi_mapping)
        if interpreter:
            return self._plan(recipe, interpreter)
        if recipe.python:
            say(f"Looking for Python {recipe.python}")
        interpreter = await find_python(recipe.python, download=self.python_downloads)
        if interpreter is None:
            raise RecipeUnsupported(
                f"This hub cannot honour {recipe.python_source}: it asks for Python "
                f"{recipe.python}, which is not on its machine and could not be downloaded.",
                next_step=f"Ask for Python {platform.python_version()}, which this hub has, "
                f"or for none. {_CONTAINERS}",
                reason=f"{recipe.python_source}: it asks for Python {recipe.python}",
            )
        read = recipe
        recipe, host = await choose_r(recipe, self._r_settings)
        if recipe is not read:
            say("R comes from conda: this machine has another version, or none")
        if host:
            interpreter = replace(interpreter, name=f"{interpreter.name}, R {host.version}")
        if any(isinstance(step, InstallConda) for step in recipe.steps):
            interpreter = replace(interpreter, name=f"conda {subdir()}, {interpreter.name}")
        return self._plan(recipe, interpreter, note, host)

    def _plan(
        self, recipe: Recipe, interpreter: Interpreter, note: str = "", host: HostR | None = None
    ) -> LocalPlan:
        digest = recipe.digest(
            platform=f"{sysconfig.get_platform()} {'-'.join(platform.libc_ver())}",
            interpreter=interpreter.name,
            builder=BUILDER_VERSION,
        )
        return LocalPlan(recipe, digest, interpreter.name, self, interpreter, note, host)

    async def build(
        self, plan: LocalPlan, source: Path, target: Path, *, cache: Path, log: Log
    ) -> Installed:
        """Build an environment: see `hubroam.environments.port.PlanBuilder`."""
        home = target / "home"
        home.mkdir()
        if plan.note:
            log(plan.note)
        kind: Callable[..., Installation] = Installation
        if any(isinstance(step, InstallLocked) for step in plan.recipe.steps):
            kind = LockedInstallation
        elif plan.recipe.named is not None and one_index():
            kind = partial(ResolvedInstallation, version=plan.interpreter.name)
        installation = kind(
            recipe=plan.recipe,
            interpreter=plan.interpreter.path,
            source=source,
            target=target,
            uv=Uv(cache=cache / "uv", build=target, timeout=self.build_timeout),
            cache=cache,
            log=log,
            postbuild_timeout=self.postbuild_timeout,
            conda=CondaSettings(self.conda_mirrors, self.conda_auth_file),
            r=self._r_settings,
            host_r=plan.r,
        )
        try:
            async with asyncio.timeout(self.build_timeout):
                installed = await installation.run()
        except ResolutionFailed as error:
            raise with_lines(error, plan.recipe, source) from None
        except TimeoutError:
            raise BuildTimeout(
                f"The build took longer than {self.build_timeout:.0f} seconds.",
                next_step="Tell the book's author, or the people who run this hub.",
            ) from None
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)
        return installed

    @property
    def _r_settings(self) -> RSettings:
        return RSettings(self.r, self.r_conda, self.cran_url)

    @property
    def tools(self) -> dict[str, str]:
        """Versions of what builds."""
        versions = {name: version(name) for name in ("uv", "py-rattler")}
        return {**versions, "builder": BUILDER_VERSION}

    async def _check_apt(self, recipe: Recipe) -> None:
        """``apt.txt`` is honoured when the machine has all of it already."""
        missing = [name for name in recipe.apt if not await _is_installed(name)]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise RecipeUnsupported(
                f"This hub cannot honour {recipe.apt_source}: {', '.join(missing)} {verb} not "
                "installed on its machine.",
                next_step=f"Ask the hub's operator to install it. {_CONTAINERS}",
                reason=f"{recipe.apt_source}: it asks for {', '.join(missing)}",
            )


async def _is_installed(package: str) -> bool:
    """Whether a package of Debian or Ubuntu is on this machine."""
    name = package.partition("=")[0]
    status = await output_of("dpkg-query", "--show", "--showformat", "${Status}\n", "--", name)
    return "install ok installed" in (status or "")
