"""What a wheel does not bring, and conda's package of the same project does.

This is not a list of names: which project a package is, others' lists say (see `names`). It says
of some projects that their wheels are not enough, so that conda builds what needs them, named in
a recipe or needed by what is.
"""

from __future__ import annotations

from hubroam.environments.counterparts.names import Names

_JAVA = "conda brings the Java that it runs on"
_DOT = "conda brings Graphviz, whose programs it runs"
_GDAL = "its wheel has a GDAL of its own, with fewer drivers than conda's"
_COMPILER = "conda brings the compiler that it calls"
_SCREEN = "its wheel needs a desktop's libraries, which conda brings"
_OTHER = "the project of that name on PyPI is another, or an old copy"

_NOT_ENOUGH = {
    # programs that a project calls
    "cdo": "conda brings the program of that name, which it runs",
    "cmdstanpy": "conda brings CmdStan, which it runs",
    "graphviz": _DOT,
    "pydot": _DOT,
    "pydotplus": _DOT,
    "mystmd": "conda brings the Node.js that it runs on",
    "nco": "conda brings the programs of that name, which it runs",
    "pygmt": "conda brings GMT, which it runs",
    "pypandoc": "conda brings pandoc, which it runs",
    "pyspark": _JAVA,
    "pytesseract": "conda brings Tesseract, which it runs",
    "rpy2": "conda brings the R that it runs",
    "scyjava": _JAVA,
    "tabula-py": _JAVA,
    "brian2": _COMPILER,
    "pytensor": _COMPILER,
    "theano": _COMPILER,
    "theano-pymc": _COMPILER,
    # libraries of the system that a wheel expects or has an own, smaller one of
    "cairocffi": "conda brings the cairo library, which its wheel lacks",
    "wand": "conda brings ImageMagick, which its wheel lacks",
    "weasyprint": "conda brings the Pango library, which its wheel lacks",
    "fiona": _GDAL,
    "pyogrio": _GDAL,
    "rasterio": _GDAL,
    "opencv-contrib-python": _SCREEN,
    "opencv-python": _SCREEN,
    "pyqt5": _SCREEN,
    "pyqt6": _SCREEN,
    "pyside2": _SCREEN,
    "pyside6": _SCREEN,
    "vtk": _SCREEN,
    # graphics cards: conda chooses by the machine, wheels cannot
    "torch": "its wheel has CUDA, and conda chooses by the machine",
    # names that the lists have from a package's content, and the index has otherwise
    "conda": _OTHER,
    "faiss": _OTHER,
    "mamba": _OTHER,
}
# conda-forge's ways to name the part of a package that is no more than the project itself.
_PARTS = ("-base", "-core", "-minimal")
# What conda's matplotlib has beside matplotlib-base is Qt, for which a session has no screen.
_NO_MORE = {"matplotlib"}


def why_not_enough(project: str) -> str | None:
    """Why a project's wheel is less than conda's package; None where it is not."""
    if project.startswith("nvidia-"):
        return "it is a part of CUDA, and conda chooses by the machine"
    return _NOT_ENOUGH.get(project)


def smaller_part(name: str, names: Names) -> str | None:
    """The package that is the project alone, where conda's of this name brings others with it."""
    if name in _NO_MORE:
        return None
    parts = (name + part for part in _PARTS)
    return next((part for part in parts if names.get(part) == names[name]), None)
