"""Which R an environment gets: this machine's, or conda's."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from hubroam.environments.commands import output_of
from hubroam.errors import RecipeUnsupported
from hubroam.recipes import InstallConda, Recipe, Step, UseR
from hubroam.recipes.r import brings_r

#: What conda's R is asked for with: its kernel, and what installs a ``DESCRIPTION``.
_CONDA = ("r-irkernel", "r-remotes")
# Where packages are that belong to the machine; R's own are always found.
_PROBE = """
cat(paste(R.version$major, R.version$minor, sep = "."), R.version$platform, R.home("bin"),
    .Library.site, sep = "\\n")
"""


@dataclass(frozen=True)
class RSettings:
    """What an operator says of R.

    Attributes:
        program: This machine's R, a name or a path; empty for none.
        conda: Whether conda's R is taken where the machine's is not the one that is asked for.
        cran_url: Where CRAN is, as it was on ``{date}``; ``{linux}`` is how Posit names the
            machine's system, for its compiled packages, and empty for conda's R.
    """

    program: str
    conda: bool
    cran_url: str


@dataclass(frozen=True)
class HostR:
    """This machine's R.

    Attributes:
        version: Its full version: ``4.2.2``.
        platform: What it was made for.
        program: Where it is.
        script: Where its ``Rscript`` is.
        libraries: Folders of packages that the machine has beside R's own.
    """

    version: str
    platform: str
    program: Path
    script: Path
    libraries: tuple[Path, ...]


# An R that was asked once is not asked again at each launch, until it is another file.
_known: dict[tuple[str, int], HostR] = {}


async def choose_r(recipe: Recipe, settings: RSettings) -> tuple[Recipe, HostR | None]:
    """Decide which R a recipe gets.

    Args:
        recipe: The recipe.
        settings: The operator's.

    Returns:
        The recipe, with what conda has to install for it, and this machine's R where it is that.

    Raises:
        RecipeUnsupported: There is none that it asks for.
    """
    wanted = next((step for step in recipe.steps if isinstance(step, UseR)), None)
    conda = next((step for step in recipe.steps if isinstance(step, InstallConda)), None)
    if wanted is None or (conda and brings_r(conda.packages)):
        return recipe, None
    host = await find_r(settings.program) if settings.program else None
    if host and _is(host.version, wanted.version):
        return recipe, host
    if not settings.conda:
        asked = f"R {wanted.version}" if wanted.version else "R"
        has = f"which has R {host.version}" if host else "which has none"
        raise RecipeUnsupported(
            f"This hub cannot honour {wanted.path}: it asks for {asked}, which is not on its "
            f"machine ({has}).",
            next_step=(f"Ask for R {host.version}, or for none. " if host else "")
            + "Or launch it on a hub that takes R from conda, or whose builder runs containers, "
            "such as a BinderHub.",
            reason=f"{wanted.path}: it asks for {asked}",
        )
    base = f"r-base={wanted.version}" if wanted.version else "r-base"
    return _with_conda(recipe, wanted, conda, (base, *_CONDA)), None


def _with_conda(
    recipe: Recipe, wanted: UseR, conda: InstallConda | None, packages: tuple[str, ...]
) -> Recipe:
    steps: list[Step] = list(recipe.steps)
    if conda is None:
        steps.insert(0, InstallConda(wanted.path, (), packages))
    else:
        together = replace(conda, packages=(*conda.packages, *packages), lock=None)
        steps[steps.index(conda)] = together
    return replace(recipe, steps=tuple(steps))


def _is(version: str, wanted: str | None) -> bool:
    return wanted is None or version == wanted or version.startswith(f"{wanted}.")


async def find_r(program: str) -> HostR | None:
    """This machine's R; None when there is none that runs.

    Args:
        program: Its name on ``PATH``, or its path.
    """
    found = shutil.which(program)
    if found is None:
        return None
    path = Path(found).absolute()
    key = (str(path), path.stat().st_mtime_ns)
    if key not in _known:
        output = await output_of(str(path), "--no-echo", "--vanilla", "-e", _PROBE)
        lines = (output or "").splitlines()
        if len(lines) < 3:
            return None
        version, platform, home, *libraries = lines
        script = Path(home, "Rscript")
        _known[key] = HostR(version, platform, path, script, tuple(map(Path, libraries)))
    return _known[key]
