"""What is compiled after an environment is there, and what ends that."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hubroam.environments import Builds, compile_worker
from hubroam.environments.compiling import Compiler
from support.fileserver import serving
from support.packageindex import PackageIndex
from support.processes import pids_of, processes_of, wait_for_none

pytestmark = pytest.mark.registry

# what takes a compiler long enough to be met at it
LARGE = "\n".join(f"def f{n}(a, b=[{n}]):\n    return [a + {n} for a in b]" for n in range(20_000))


@pytest.fixture
def index(tmp_path, monkeypatch):
    index = PackageIndex(tmp_path / "index")
    for name in ("ipykernel", "ipywidgets", "pip", "setuptools", "wheel", "tide"):
        index.add(name, "1.0")
    index.add("broken", "1.0", module="def (:")
    index.add("slow", "1.0", module=LARGE)
    with serving(index.root) as url:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{url}simple")
        yield index


@pytest.fixture
async def compiler(workshop):
    shop = workshop()
    compiler = Compiler(shop.store)
    shop.builds = Builds(shop.store, shop.builder, used=compiler.add)
    compiler.shop = shop
    yield compiler
    await compiler.shutdown()


def compiled(environment, module):
    return list(environment.path.glob(f"lib/python3*/site-packages/__pycache__/{module}.*.pyc"))


async def met_at_it(shop):
    """The worker's process, which has begun with what is slow; each is an event of the kernel's."""
    for _ in range(3000):
        pids = pids_of(shop.root, compile_worker.__file__)
        if pids and os.sched_getscheduler(pids[0]) == os.SCHED_IDLE:
            return pids[0]
        await asyncio.sleep(0.01)
    raise AssertionError("nothing is compiled")


async def test_all_that_can_be_compiled_is(compiler, index, uv_cache):
    environment = await compiler.shop.build({"requirements.txt": "broken\ntide\n"})
    await compiler.join()
    assert compiled(environment, "tide")
    assert not compiled(environment, "broken")
    assert not list(uv_cache.glob("uv/archive-v0/*/__pycache__/tide.*"))
    before = compiled(environment, "tide")[0].stat()
    # once is enough, also for who asks again
    (compiled(environment, "tide")[0]).unlink()
    compiler.add(environment)
    await compiler.join()
    assert not compiled(environment, "tide")
    assert before.st_size > 0
    code = "import tide; print(tide.__file__)"
    assert subprocess.check_output([environment.path / "bin/python", "-c", code])


async def test_what_is_removed_meanwhile_is_gone(compiler, index):
    shop = compiler.shop
    environment = await shop.build({"requirements.txt": "slow\n"})
    await met_at_it(shop)
    shop.store.forget(environment.digest)
    await compiler.join()
    assert shop.left == []
    assert processes_of(shop.root) == []


async def test_it_ends_with_its_hub(compiler, index):
    shop = compiler.shop
    environment = await shop.build({"requirements.txt": "slow\n"})
    await met_at_it(shop)
    await compiler.shutdown()
    assert processes_of(shop.root) == []
    assert not (environment.path.parent / "compiled").exists()
    # the hub that comes next goes on with it when somebody asks
    later = Compiler(shop.store)
    later.add(environment)
    await later.join()
    assert compiled(environment, "slow")
    assert (environment.path.parent / "compiled").exists()


WORKER = [sys.executable, "-I", "-S", compile_worker.__file__]


def test_a_hub_that_is_killed_leaves_no_compiler(tmp_path):
    """The worker looks for its parent before each file."""
    place = tmp_path / "environment"
    place.mkdir()
    for number in range(400):
        (place / f"m{number}.py").write_text(LARGE[:200_000])
    (tmp_path / "link").symlink_to(place)
    code = f"""
import os, subprocess, time
worker = {WORKER!r} + [str(os.getpid()), "{tmp_path}/link", "{place}", "{place}"]
print(subprocess.Popen(worker).pid, flush=True)
time.sleep(600)
"""
    hub = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert Path(f"/proc/{hub.stdout.readline().strip()}").exists()
    hub.send_signal(signal.SIGKILL)
    hub.wait()
    hub.stdout.close()
    wait_for_none(tmp_path)
    assert len(list(place.glob("__pycache__/*.pyc"))) < 400


def test_what_is_not_published_any_more_is_let_alone(tmp_path):
    place, link = tmp_path / "environment", tmp_path / "link"
    place.mkdir()
    (place / "m.py").write_text("x = 1\n")
    worker = [*WORKER, str(os.getpid()), link, place, place]
    link.symlink_to(tmp_path / "elsewhere")
    assert subprocess.run(worker).returncode == 1
    link.unlink()
    link.symlink_to(place)
    assert subprocess.run(worker).returncode == 0
    assert list(place.glob("__pycache__/m.*.pyc"))
