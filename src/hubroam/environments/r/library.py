"""R in an environment: its library, its CRAN, its kernel, and what a recipe installs there.

Nothing of the machine's R is changed: packages go to a folder of the environment, and R is told of
it, and of the day of CRAN, by variables (``help(Startup)`` in R).  A session has a folder of its
own before that one: see `hubroam.environments.layer`.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hubroam.environments.commands import TimedOut, clean_environment, run
from hubroam.environments.r.choosing import HostR, RSettings
from hubroam.environments.scripts import Scripts
from hubroam.errors import BuildError, BuildTimeout, IndexUnreachable, RPackagesFailed
from hubroam.recipes import InstallDescription, RunInstallR, UseR

#: The folder of packages, below a prefix and below a session's layer.
LIBRARY = "rlibs"
_PROFILE = "etc/hubroam/Rprofile.site"

# As repo2docker calls R: whatever lies in the checkout for R's start is for sessions.
_PLAIN = ("--no-save", "--no-restore", "--no-init-file", "--no-environ")
# What is in every R environment of repo2docker's, and here where install.R names it.
_EXPECTED = re.compile(r"\b(remotes|devtools|shiny)\b")
# How R says, and goes on, that a package is not there afterwards; its quotes are the locale's.
_NOT_INSTALLED = re.compile(
    r"packages? (?P<names>\W.*\W) (?:is|are) not available"
    r"|installation of package (?P<name>\S+) had non-zero exit status"
)
_NO_SNAPSHOT, _NOT_THERE = 3, 4

_SITE = """local({{
    site <- file.path(R.home("etc"), "Rprofile.site")
    if (file.exists(site)) sys.source(site, globalenv())
    options(repos = c(CRAN = {url}))
    # by this Posit's mirror knows for which R it shall send compiled packages
    options(HTTPUserAgent = sprintf("R/%s R (%s)", getRversion(), paste(
        getRversion(), R.version$platform, R.version$arch, R.version$os)))
}})
"""
_INSTALL = f"""
options(warn = 1)
wanted <- setdiff(commandArgs(TRUE), rownames(installed.packages()))
if (!nrow(available.packages())) quit(status = {_NO_SNAPSHOT})
if (length(wanted)) install.packages(wanted, lib = Sys.getenv("R_LIBS_USER"))
missing <- setdiff(wanted, rownames(installed.packages()))
cat(missing)
if (length(missing)) quit(status = {_NOT_THERE})
"""
_KERNELSPEC = 'cat("\\n", system.file("kernelspec", package = "IRkernel"), "\\n", sep = "")'


class RLibrary:
    """R in one environment.

    Args:
        scripts: Where the recipe's scripts run.
        host: This machine's R; None for the one that conda has put into the prefix.
        settings: The operator's.
        wanted: What the recipe says of R, if it does.
        timeout: Seconds for one call of R.
    """

    def __init__(
        self,
        scripts: Scripts,
        host: HostR | None,
        settings: RSettings,
        wanted: UseR | None,
        *,
        timeout: float,
    ) -> None:
        self._scripts = scripts
        self._prefix = scripts.target / "prefix"
        self._host = host
        self._wanted = wanted
        self._timeout = timeout
        self.url = snapshot_url(settings.cran_url, wanted, host)
        self.library = self._prefix / LIBRARY
        libraries = [self.library, *(host.libraries if host else ())]
        #: What R has in its environment: in builds, and in sessions but for their own folder.
        self.variables = {
            "R_LIBS_USER": str(self.library),
            "R_LIBS_SITE": ":".join(map(str, libraries)),
            "R_PROFILE": str(self._prefix / _PROFILE),
        }

    @property
    def _rscript(self) -> str:
        return str(self._prefix / "bin" / "Rscript")

    async def set_up(self, *, need_kernel: bool) -> None:
        """Have R, its library and its kernel in the environment.

        Args:
            need_kernel: Whether the kernel is installed where it is not there.

        Raises:
            BuildError: The kernel is not there, and could not be installed.
        """
        self.library.mkdir()
        if self._host:
            (self._prefix / "bin" / "R").symlink_to(self._host.program)
            (self._prefix / "bin" / "Rscript").symlink_to(self._host.script)
        profile = self._prefix / _PROFILE
        profile.parent.mkdir(parents=True, exist_ok=True)
        profile.write_text(_SITE.format(url=json.dumps(self.url)), encoding="utf-8")
        if self._host:
            self._scripts.log(f"R {self._host.version} of this machine")
        self._scripts.log(f"Packages of R come from {self.url}")
        spec = await self._kernelspec()
        if need_kernel and not spec:
            await self._have(["IRkernel"])
            spec = await self._kernelspec()
        if not spec:
            self._scripts.log("R has no kernel here: the recipe does not ask for one")
            return
        folder = self._prefix / "share/jupyter/kernels/ir"
        # of conda's package its files are links to the cache, which nothing may write through
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(spec, folder)
        kernel = json.loads((folder / "kernel.json").read_text(encoding="utf-8"))
        kernel["argv"][0] = str(self._prefix / "bin" / "R")
        (folder / "kernel.json").write_text(json.dumps(kernel, indent=1), encoding="utf-8")

    async def _kernelspec(self) -> str:
        _, lines = await self.call(_KERNELSPEC, keep=[])
        return next((line for line in reversed(lines) if line.startswith("/")), "")

    async def run_install_r(self, step: RunInstallR) -> None:
        """Run ``install.R``.

        Raises:
            BuildError: It ended with an error, or there is no such snapshot of CRAN.
        """
        text = (self._scripts.source / step.path).read_text(encoding="utf-8", errors="replace")
        await self._have(sorted(set(_EXPECTED.findall(text))))
        output = await self._scripts.run(
            step.path,
            [self._rscript, *_PLAIN, step.path],
            variables=self.variables,
            timeout=self._timeout,
            failure=RPackagesFailed,
        )
        for match in _NOT_INSTALLED.finditer(output):
            self._scripts.log(f"Not installed, and R went on: {match['names'] or match['name']}")

    async def install_description(self, step: InstallDescription) -> None:
        """Install the repository as a package of R, with what its ``DESCRIPTION`` names.

        Raises:
            BuildError: It failed, or there is no such snapshot of CRAN.
        """
        await self._have(["remotes"])
        await self._scripts.run(
            f"remotes::install_local() for {step.path}",
            [self._rscript, *_PLAIN, "-e", "remotes::install_local()"],
            variables=self.variables,
            timeout=self._timeout,
            failure=RPackagesFailed,
        )

    async def _have(self, packages: Sequence[str]) -> None:
        """Have packages of the snapshot installed where they are not, and see that there is one.

        Raises:
            IndexUnreachable: There is none.
            RPackagesFailed: It does not have them, or they do not install.
        """
        status, lines = await self.call(_INSTALL, *packages)
        where = f" of {self._wanted.path}" if self._wanted else ""
        if status == _NO_SNAPSHOT:
            raise IndexUnreachable(
                f"CRAN's snapshot{where} cannot be read from this hub: {self.url}",
                next_step="Try again later, or another day in runtime.txt; if it happens again, "
                "tell the people who run this hub.",
            )
        if status:
            missing = lines[-1] if lines and status == _NOT_THERE else ", ".join(packages)
            raise RPackagesFailed(
                f"R's packages could not be installed from {self.url}: {missing}",
                next_step="See the log for the reason; another day in runtime.txt may do.",
            )

    async def call(
        self, code: str, *arguments: str, keep: list[str] | None = None
    ) -> tuple[int, list[str]]:
        """Run code of our own in the environment's R.

        Args:
            code: What R runs.
            arguments: What ``commandArgs(TRUE)`` gives it.
            keep: Takes all lines in place of the log.

        Returns:
            Its exit status, and the end of what it has printed, by lines.

        Raises:
            BuildTimeout: It did not end.
            BuildError: R cannot be run.
        """
        home = self._scripts.target / "home"
        clean = clean_environment(home, build=self._scripts.target, path=[self._prefix / "bin"])
        try:
            status, output = await run(
                [self._rscript, *_PLAIN, "-e", code, *arguments],
                folder=home,
                environment={**clean, **self.variables},
                log=self._scripts.log if keep is None else keep.append,
                timeout=self._timeout,
            )
        except TimedOut:
            raise BuildTimeout(
                f"Installing R's packages took longer than {self._timeout:.0f} seconds.",
                next_step="Tell the book's author, or the people who run this hub.",
            ) from None
        except OSError as error:
            raise BuildError(
                f"R could not be run ({error.strerror}).",
                next_step="Tell the people who run this hub.",
            ) from None
        return status, [line.strip() for line in output.splitlines() if line.strip()]


def snapshot_url(template: str, wanted: UseR | None, host: HostR | None) -> str:
    """Where a recipe's packages come from.

    Args:
        template: As `RSettings` has it.
        wanted: What the recipe says of R.
        host: This machine's R, if it is that.
    """
    if wanted and wanted.url:
        return wanted.url
    day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    day = (wanted.date if wanted else None) or day
    return template.replace("{date}", day).replace("{linux}", _linux() if host else "")


def _linux() -> str:
    """How Posit's mirror names this machine's system, where it may have packages for it."""
    with suppress(OSError):
        system = platform.freedesktop_os_release()
        if system.get("ID") in ("debian", "ubuntu") and "VERSION_CODENAME" in system:
            return f"__linux__/{system['VERSION_CODENAME']}/"
    return ""
