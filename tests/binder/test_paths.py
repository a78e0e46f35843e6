import pytest

from hubroam.binder.paths import file_of


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("lab/tree/notebooks/waves.ipynb", "notebooks/waves.ipynb"),
        ("/lab/tree/waves.ipynb?reset", "waves.ipynb"),
        ("doc/tree/a%20b.ipynb", "a b.ipynb"),
        ("tree/folder/", "folder"),
        ("notebooks/x.ipynb#part", "x.ipynb"),
        ("lab", None),
        ("lab/workspaces/auto/tree/x", None),
        ("rstudio/", None),
        ("", None),
        ("lab/tree/", None),
        ("lab/tree/../../etc/passwd", None),
        ("lab/tree/%2e%2e/x", None),
        ("lab/tree//etc/passwd", None),
    ],
)
def test_file_of(path, name):
    assert file_of(path) == name
