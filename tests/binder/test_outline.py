import os

import pytest

from hubroam.binder.outline import Outline, reads_at_start
from hubroam.errors import RepositoryError

READ = [
    (".jupyter/lab/user-settings/x.json", ""),
    (".ipython/profile_default/startup/a.py", ""),
    ("jupyter_server_config.py", ""),
    ("jupyter_server_config.d/a.json", ""),
    ("ipython_kernel_config.py", ""),
    ("part/ipython_config.py", "part/one.ipynb"),
    ("random.py", "part/one.ipynb"),
    ("part/random.py", "part/one.ipynb"),
    ("random/__init__.py", ""),
]
NOT_READ = [
    (".github/workflows/test.yml", ""),
    (".gitignore", ""),
    ("binder/requirements.txt", ""),
    ("_config.yml", ""),
    ("config/jupyter.md", ""),
    ("docs/jupyter_server_config.py", "part/one.ipynb"),
    ("part/random.py", "one.ipynb"),
    ("random/numbers.py", ""),
    ("helpers.py", ""),
    ("jupyter.md", ""),
    ("a" * 3000, ""),
]


@pytest.mark.parametrize(("name", "notebook"), READ)
def test_files_that_a_start_may_read(name, notebook):
    assert reads_at_start(["a.md", name], notebook)


def test_files_that_no_start_reads():
    for name, notebook in NOT_READ:
        assert not reads_at_start([name], notebook), name


@pytest.fixture
def folders(tmp_path):
    files, target = tmp_path / "files", tmp_path / "content"
    (files / "part" / "sub").mkdir(parents=True)
    (files / "part" / "one.ipynb").write_text("new")
    (files / "part" / "sub" / "deep").write_text("deep")
    (files / "top").symlink_to("part/one.ipynb")
    return files, target


def test_programs_stay_where_they_are(folders):
    files, target = folders
    outline = Outline("part/one.ipynb", b"old")
    outline.lay(target)
    assert (target / "part" / "one.ipynb").read_bytes() == b"old"
    (target / ".jupyter").mkdir()  # of the server
    places = [os.stat(folder).st_ino for folder in (target, target / "part")]
    outline.fill(files, target)
    assert [os.stat(folder).st_ino for folder in (target, target / "part")] == places
    assert (target / "top").read_text() == "new"
    assert (target / "part" / "sub" / "deep").read_text() == "deep"
    assert (target / ".jupyter").is_dir()
    assert not files.exists()


def test_the_notebook_may_become_a_link(folders):
    files, target = folders
    (files / "part" / "one.ipynb").unlink()
    (files / "part" / "one.ipynb").symlink_to("sub/deep")
    outline = Outline("part/one.ipynb", b"old")
    outline.lay(target)
    outline.fill(files, target)
    assert (target / "part" / "one.ipynb").read_text() == "deep"


def test_what_a_program_put_there_is_not_replaced(folders):
    files, target = folders
    outline = Outline("part/one.ipynb", b"old")
    outline.lay(target)
    (target / "top").write_text("a program's")
    with pytest.raises(RepositoryError):
        outline.fill(files, target)


def test_a_link_that_a_program_made_leads_nowhere_else(folders, tmp_path):
    files, target = folders
    outline = Outline("part/one.ipynb", b"old")
    outline.lay(target)
    elsewhere = tmp_path / "elsewhere"
    (target / "part").rename(elsewhere)
    (target / "part").symlink_to(elsewhere)
    with pytest.raises(OSError, match="part"):
        outline.fill(files, target)
    assert (elsewhere / "one.ipynb").read_text() == "old"
    assert not (elsewhere / "sub").exists()


@pytest.mark.parametrize("gone", ["part/one.ipynb", "part"])
def test_a_notebook_that_has_gone_is_not_left(folders, gone):
    files, target = folders
    (files / gone).rename(files / "moved")
    if gone == "part":
        (files / "part").write_text("a file now")
    outline = Outline("part/one.ipynb", b"old")
    outline.lay(target)
    with pytest.raises(RepositoryError):
        outline.fill(files, target)
