"""The steps of one build, in a folder of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from hubroam.environments.activation import activation_variables
from hubroam.environments.commands import Log, clean_environment, run
from hubroam.environments.conda import CondaInstalled, CondaSettings
from hubroam.environments.conda import install as install_conda
from hubroam.environments.counterparts import NotSure, because, resolve
from hubroam.environments.lines import as_file
from hubroam.environments.lock import EXPLICIT, distributions, write_lock
from hubroam.environments.pipfile import export_pipfile
from hubroam.environments.r import RENV_LOCK, HostR, RLibrary, RSettings, check_r_lock, write_r_lock
from hubroam.environments.scripts import Scripts
from hubroam.environments.together import both
from hubroam.environments.uv import Uv
from hubroam.errors import BuildError, PostBuildFailed
from hubroam.recipes import (
    AFTERWARDS,
    InstallConda,
    InstallCounterparts,
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

#: What every environment gets beside the recipe's own packages: a kernel, and the widgets that
#: repo2docker's environments have too. A recipe's own pins of them win.
BASE_PACKAGES = ("ipykernel", "ipywidgets")

_SERVER_EXTENSIONS = "etc/jupyter/jupyter_server_config.d"


@dataclass(frozen=True)
class Installed:
    """What a build gave.

    Attributes:
        server: ``shared`` or ``environment``, as `hubroam.environments.Environment` has it.
        local: Packages that were installed from the repository itself.
        variables: What sessions have in their environment.
        resolved: The names of Python's packages before a server and ``postBuild`` added others.
        image: The image that it is, as `hubroam.environments.Image` has it; None where it is files.
        substituted: Packages that the recipe asks of conda, and what of PyPI stands for each.
    """

    server: str
    local: list[str]
    variables: dict[str, str]
    resolved: list[str] = field(default_factory=list)
    image: dict[str, str] | None = None
    substituted: dict[str, str] = field(default_factory=dict)


class Installation:
    """One build.

    Args:
        recipe: What to install.
        interpreter: The Python that it is for.
        source: A checkout, which is changed.
        target: The folder that becomes the environment.
        uv: How uv is called.
        cache: Where packages are kept for the builds to come.
        log: Takes lines for people.
        postbuild_timeout: Seconds that ``postBuild`` may take.
        conda: What the operator says of conda's packages.
        r: What the operator says of R.
        host_r: This machine's R, where the recipe gets that.
    """

    def __init__(
        self,
        *,
        recipe: Recipe,
        interpreter: str,
        source: Path,
        target: Path,
        uv: Uv,
        cache: Path,
        log: Log,
        postbuild_timeout: float,
        conda: CondaSettings,
        r: RSettings,
        host_r: HostR | None = None,
    ) -> None:
        self._recipe = recipe
        self._interpreter = interpreter
        self._source = source
        self._target = target
        self._prefix = target / "prefix"
        self._python = str(self._prefix / "bin" / "python")
        self._uv = uv
        self._cache = cache
        self._log = log
        self._postbuild_timeout = postbuild_timeout
        self._conda = conda
        self._r_settings = r
        self._host_r = host_r
        self._variables: dict[str, str] = {}
        self._substituted: dict[str, str] = {}

    async def run(self) -> Installed:
        """Do all steps.

        Raises:
            BuildError: One failed.
        """
        await self._install_packages()
        resolved = sorted(distributions(self._prefix))
        server = await self._add_server()
        await self._afterwards()
        self._make_kernels_absolute()
        _, local = await both(self._check(), self._write_lock())
        return Installed(server, local, self._variables, resolved, substituted=self._substituted)

    async def _choose(self, step: Step) -> Step:
        """Conda's packages in place of their counterparts, where the index has not all of them."""
        if not isinstance(step, InstallCounterparts):
            return step
        try:
            pinned = await resolve(
                step,
                source=self._source,
                scripts=[s.path for s in self._recipe.steps if isinstance(s, RunPostBuild)],
                base=BASE_PACKAGES,
                python=self._interpreter,
                uv=self._uv,
            )
        except NotSure as reason:
            self._log(because(step.conda, reason))
            return step.conda
        self._log(f"{step.conda.path}: its packages are known on PyPI, so uv installs them")
        for conda, pypi in step.packages:
            self._log(f"  conda's {conda}: " + (f"PyPI's {pypi}" if pypi else "this machine's"))
        self._substituted = {conda: pypi for conda, pypi in step.packages if pypi}
        return replace(step, pinned=tuple(pinned))

    async def _install_packages(self) -> None:
        installs = [
            await self._choose(step)
            for step in self._recipe.steps
            if not isinstance(step, AFTERWARDS)
        ]
        if not any(isinstance(step, InstallConda) for step in installs):
            await self._make_venv("--seed")
        for number, step in enumerate(installs):
            await self._install(step, with_base=number == len(installs) - 1)
        if not installs:
            await self._pip(*BASE_PACKAGES)

    async def _make_venv(self, *options: str) -> None:
        venv = ["venv", "--quiet", "--no-project", "--no-config", "--python", self._interpreter]
        await self._uv(*venv, *options, str(self._prefix), folder=self._target, log=self._log)

    async def _write_lock(self) -> list[str]:
        return await write_lock(
            self._uv, self._python, self._target, self._log, substituted=self._substituted
        )

    async def _pip(self, *arguments: str, config: bool = False, folder: Path | None = None) -> None:
        """``uv pip install``; only a project's own settings of uv count, and only for itself."""
        options = ["--python", self._python, *([] if config else ["--no-config"])]
        folder = folder or self._source
        await self._uv("pip", "install", *options, *arguments, folder=folder, log=self._log)

    async def _install(self, step: Step, *, with_base: bool) -> None:
        """One step; the last takes the base packages along, so that one resolution serves all."""
        base = BASE_PACKAGES if with_base else ()
        match step:
            case InstallRequirements(path):
                await self._pip("--requirements", path, *base)
            case InstallProject(directory):
                await self._pip(f"./{directory}", *base, config=True)
            case SyncUvLock(directory):
                await self._uv(
                    *("sync", "--frozen", "--inexact", "--no-editable", "--python", self._python),
                    folder=self._source / directory,
                    log=self._log,
                    environment={"UV_PROJECT_ENVIRONMENT": str(self._prefix)},
                )
                await self._pip(*base)
            case InstallPipfile(directory, locked):
                requirements = self._target / "home" / "requirements.txt"
                lines = await export_pipfile(
                    self._source / directory, locked, self._interpreter, self._uv, self._log
                )
                requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
                await self._pip("--requirements", str(requirements))
                # on their own: with hashes for some, uv would ask for hashes of all
                await self._pip(*base)
            case InstallConda():
                await self._install_conda(step)
            case InstallCounterparts(conda, pinned=pinned):
                exactly = self._target / "home" / "counterparts.txt"
                exactly.write_text("\n".join(pinned) + "\n", encoding="utf-8")
                options = ("--only-binary", ":all:", "--no-deps")
                await self._pip(*options, "--requirements", str(exactly))
                self._variables = dict(conda.variables)

    async def _install_conda(self, step: InstallConda) -> None:
        """Conda's packages, then what the file asks of pip, which runs in the file's folder."""
        installed = await self._conda_packages(step, BASE_PACKAGES)
        place = self._source / step.path
        if installed.pip:
            exactly = ["--no-deps"] if installed.locked else []
            with as_file(installed.pip, place) as requirements:
                await self._pip("--requirements", requirements, *exactly, folder=place.parent)
        # what conda has installed of these stays as it is
        await self._pip("pip", *BASE_PACKAGES)
        await self._activate(step)

    async def _conda_packages(self, step: InstallConda, base: tuple[str, ...]) -> CondaInstalled:
        """Conda's packages, and the list of them beside the lock."""
        installed = await install_conda(
            step,
            source=self._source,
            prefix=self._prefix,
            cache=self._cache / "conda",
            home=self._target / "home",
            settings=self._conda,
            base=base,
            log=self._log,
            timeout=self._uv.timeout,
        )
        explicit = "\n".join(installed.explicit) + "\n"
        (self._target / EXPLICIT).write_text(explicit, encoding="utf-8")
        return installed

    async def _activate(self, step: InstallConda) -> None:
        """What conda's activation sets is there in sessions, and what the file says wins."""
        self._variables = {
            **await activation_variables(self._prefix, self._target / "home", self._log),
            **dict(step.variables),
        }

    async def _add_server(self) -> str:
        """Where the recipe brings server extensions, its environment gets a server of its own."""
        theirs = _extensions(self._prefix) - _extensions(Path(sys.prefix))
        if not theirs:
            return "shared"
        self._log(f"The recipe brings server extensions: {', '.join(sorted(theirs))}")
        try:
            await self._pip(f"jupyterhub=={version('jupyterhub')}", "jupyterlab", "nbgitpuller")
        except BuildError as error:
            self._log(f"They are left out, since JupyterHub cannot be added: {error.message}")
            return "shared"
        return "environment"

    async def _afterwards(self) -> None:
        """What comes when all of Python's and conda's packages are there."""
        scripts = Scripts(self._source, self._target, self._log)
        steps = [step for step in self._recipe.steps if isinstance(step, AFTERWARDS)]
        wanted = next((step for step in steps if isinstance(step, UseR)), None)
        r = None
        if wanted or (self._prefix / "bin" / "Rscript").exists():
            r = RLibrary(scripts, self._host_r, self._r_settings, wanted, timeout=self._uv.timeout)
            asked = any(not isinstance(step, RunPostBuild) for step in steps)
            await r.set_up(need_kernel=asked)
            self._variables |= r.variables
        for step in steps:
            match step:
                case RunInstallR() if r:
                    await r.run_install_r(step)
                case InstallDescription() if r:
                    await r.install_description(step)
                case RunPostBuild(path):
                    await self._post_build(scripts, path)
        if r:
            await write_r_lock(r, self._target / RENV_LOCK)
            if wanted and wanted.lock:
                check_r_lock(self._target / RENV_LOCK, self._source / wanted.lock)

    async def _post_build(self, scripts: Scripts, path: str) -> None:
        """Run ``postBuild`` where repo2docker runs it.

        Raises:
            PostBuildFailed: It ended with an error.
            BuildTimeout: It did not end.
        """
        script = self._source / path
        script.chmod(script.stat().st_mode | 0o111)
        await scripts.run(
            path,
            [str(script)],
            variables=self._variables,
            timeout=self._postbuild_timeout,
            failure=PostBuildFailed,
        )

    def _make_kernels_absolute(self) -> None:
        """jupyter_client runs a kernel whose program is plain "python" by the server's own."""
        for path in (self._prefix / "share/jupyter/kernels").glob("*/kernel.json"):
            kernel = json.loads(path.read_text(encoding="utf-8"))
            argv = kernel.get("argv") or [""]
            if argv[0] in ("python", "python3"):
                kernel["argv"] = [self._python, *argv[1:]]
                # The file is a hard link to uv's cache, and so to every other environment's:
                # it must be replaced, never written to.
                path.unlink()
                path.write_text(json.dumps(kernel, indent=1), encoding="utf-8")

    async def _check(self) -> None:
        """A session must find a kernel.

        Raises:
            BuildError: It would not.
        """
        environment = clean_environment(self._target, build=self._target)
        status, output = await run(
            [self._python, "-I", "-c", "import ipykernel"],
            folder=self._target,
            environment=environment,
            log=lambda _: None,
            timeout=60,
        )
        if status:
            self._log(output)
            raise BuildError(
                "The environment was built, and its Python kernel does not start.",
                next_step="See the log; a pinned package of the recipe may be too old for it.",
            )


def _extensions(prefix: Path) -> set[str]:
    return {path.stem for path in (prefix / _SERVER_EXTENSIONS).glob("*.json")}
