"""conda's packages in the index's words: exactly, or not at all."""

from __future__ import annotations

import re

import pytest

from hubroam.environments.counterparts.names import NotSure
from hubroam.environments.counterparts.translating import translate
from hubroam.recipes import InstallConda

NAMES = {
    "numpy": ("numpy",),
    "pytables": ("tables",),
    "matplotlib": ("matplotlib",),
    "matplotlib-base": ("matplotlib",),
    "dask": ("dask",),
    "dask-core": ("dask",),
    "pip": ("pip",),
    "poetry": ("poetry",),
    "poetry-core": ("poetry-core",),
    "typing_extensions": ("typing-extensions",),
    "python-graphviz": ("graphviz",),
    "py-opencv": ("opencv-python", "opencv-python-headless"),
    "pytorch": ("torch",),
    "rasterio": ("rasterio",),
    "graphviz": (),
    "nodejs": (),
}


def step(*packages, **more):
    return InstallConda("environment.yml", more.pop("channels", ()), packages, **more)


@pytest.mark.parametrize(
    ("conda", "pypi"),
    [
        ("numpy", "numpy"),
        ("Numpy", "numpy"),
        ("numpy *", "numpy"),
        ("numpy=*", "numpy"),
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy 1.26.*", "numpy==1.26.*"),
        ("numpy=1*", "numpy==1.*"),
        ("numpy==1.26.4", "numpy==1.26.4"),
        ("numpy 1.26.4", "numpy==1.26.4"),
        ("numpy>=1,<2", "numpy>=1,<2"),
        ("numpy >= 1.26 , < 2", "numpy>=1.26,<2"),
        ("numpy=1.26,<1.26.4", "numpy==1.26.*,<1.26.4"),
        ("numpy>=1,!=1.5.*", "numpy>=1,!=1.5.*"),
        ("numpy!=1.5", "numpy!=1.5"),
        ("numpy~=1.26", "numpy~=1.26"),
        ("numpy==2.0.0rc1", "numpy==2.0.0rc1"),
        ("numpy>=1.2.*", "numpy>=1.2"),
        ("pytables>=3", "tables>=3"),
        ("matplotlib-base", "matplotlib"),
        ("matplotlib", "matplotlib"),
        ("typing_extensions", "typing-extensions"),
        ("pip", "pip"),
        ("poetry", "poetry"),
    ],
)
def test_exactly(conda, pypi):
    found, python = translate(step(conda), NAMES)
    assert (found.packages, python) == (((conda, pypi),), None)


@pytest.mark.parametrize(
    ("conda", "reason"),
    [
        ("gdal", "gdal has no known counterpart on PyPI"),
        ("r-base=4", "r-base has no known counterpart on PyPI"),
        ("__glibc>=2.17", "__glibc has no known counterpart on PyPI"),
        ("graphviz", "graphviz is no Python package"),
        ("nodejs=20", "nodejs is no Python package"),
        ("py-opencv", "py-opencv may be opencv-python or opencv-python-headless on PyPI"),
        ("python-graphviz", "python-graphviz is not enough from PyPI: conda brings Graphviz"),
        ("pytorch", "pytorch is not enough from PyPI: its wheel has CUDA"),
        ("rasterio", "rasterio is not enough from PyPI: its wheel has a GDAL of its own"),
        ("dask", "dask brings more than dask-core, which is all that PyPI has"),
        ("numpy=1.26=py311_0", "numpy=1.26=py311_0 names a build"),
        ("numpy 1.26 py311_0", "numpy 1.26 py311_0 names a build"),
        ("numpy[build=x]", r"numpy\[build=x\] names a build"),
        ("numpy[version='>=1']", r"numpy\[version='>=1'\] asks for more than a version"),
        ("conda-forge::numpy", "conda-forge::numpy names its channel"),
        ("numpy 1.25|1.26", "the version of numpy 1.25|1.26 cannot be said"),
        ("numpy>1,<2|>3", "the version of numpy>1,<2|>3 cannot be said"),
        ("numpy=2.0rc1", "the version of numpy=2.0rc1 cannot be said"),
        ("numpy=1.2.3_1", "the version of numpy=1.2.3_1 cannot be said"),
        ("numpy=1!2", "the version of numpy=1!2 cannot be said"),
        ("numpy >>2", "numpy >>2 is not a package with a version"),
        ("https://x.org/y.conda", "https://x.org/y.conda is not a package"),
    ],
)
def test_or_not_at_all(conda, reason):
    with pytest.raises(NotSure, match=re.sub(r"\|", r"\\|", reason)):
        translate(step("numpy", conda), NAMES)


@pytest.mark.parametrize(
    ("conda", "python"),
    [
        ("python", None),
        ("python=3.11", "3.11"),
        ("python=3", "3"),
        ("python 3.12.*", "3.12"),
        ("python==3.11.4", "==3.11.4"),
        ("python>=3.10,<3.13", ">=3.10,<3.13"),
    ],
)
def test_python_is_the_environments(conda, python):
    found, wanted = translate(step(conda, "numpy"), NAMES)
    assert (found.packages[0], wanted) == ((conda, ""), python)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"channels": ("conda-forge", "bioconda")}, "the channel bioconda"),
        ({"channels": ("https://example.org/forge",)}, "the channel https://example.org/forge"),
        ({"lock": "conda-lock.yml"}, "conda-lock.yml pins"),
        ({"pip": ("-i https://example.org/simple",)}, "pip's line -i https://example.org/simple"),
        ({"pip": ("-r more.txt\n-i https://example.org/simple",)}, "pip's line -i https://"),
        ({"pip": ("six\n--no-index",)}, "pip's line --no-index sets"),
        ({"pip": ("-e .",)}, "pip's line -e . sets"),
        ({"pip": ("./own",)}, r"pip's line \./own installs from another place"),
        ({"pip": ("tide @ git+https://example.org/x",)}, "another place than PyPI"),
        ({"pip": ("git+https://example.org/x",)}, "another place than PyPI"),
    ],
)
def test_what_else_a_file_may_say(more, reason):
    with pytest.raises(NotSure, match=reason):
        translate(step("numpy", **more), NAMES)


def test_pips_part_goes_along():
    whole = step("numpy", channels=("conda-forge", "defaults"), pip=("cowsay==6.1", "-r more.txt"))
    found, _ = translate(whole, NAMES)
    assert found.conda == whole
