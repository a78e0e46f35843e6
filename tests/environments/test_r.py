"""R recipes: built with this machine's R, from a CRAN of our own, and run in R's real kernel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from hubroam import errors
from hubroam.building import build_folder, rebuild
from hubroam.environments.conda import CondaSettings
from hubroam.environments.drift import drift_of
from hubroam.environments.locked import lock_recipe
from hubroam.environments.r import HostR
from hubroam.environments.r.library import snapshot_url
from hubroam.recipes import DirectoryFiles, UseR, read_recipe
from support.cran import DATED, cran, in_session, machine_without, make_package, need_r
from support.processes import processes_of

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def cran_url(tmp_path_factory):
    need_r()
    with cran(tmp_path_factory.mktemp("cran")) as url:
        yield url


@pytest.fixture
def shop(workshop, cran_url):
    return workshop(cran_url=f"{cran_url}{DATED}", r_conda=False)


async def test_install_r_from_the_day_that_runtime_txt_names(shop, tmp_path):
    environment = await shop.build(
        {
            "binder/runtime.txt": "r-4.2-2023-05-01\n",
            "binder/install.R": 'install.packages("moons")\n',
        }
    )
    code = 'cat(moons::moons(), "|", tides::tides(), "|", getOption("repos"))'
    moons, tides, where = in_session(environment, tmp_path, code).split(" | ")
    assert (moons, tides) == ("moons 1.0", "tides 1.0")
    assert where.endswith("/2023-05-01")
    log = environment.log.read_text()
    assert "R 4.2" in log
    assert "Running binder/install.R" in log


async def test_the_lock_names_the_packages_and_the_day(shop, cran_url):
    environment = await shop.build(
        {"runtime.txt": "r-2024-05-01", "install.R": 'install.packages("tides")\n'}
    )
    lock = json.loads((environment.lock.parent / "renv.lock").read_text())
    assert lock["R"]["Repositories"] == [{"Name": "CRAN", "URL": f"{cran_url}2024-05-01"}]
    assert lock["Packages"]["tides"] == {
        "Package": "tides",
        "Version": "2.0",
        "Source": "Repository",
        "Repository": "CRAN",
    }
    assert "IRkernel" in lock["Packages"]
    assert "stats" not in lock["Packages"]  # R's own


async def test_what_a_reader_installs_stays_in_the_session(shop, tmp_path):
    environment = await shop.build({"runtime.txt": "r-2023-05-01"})
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    in_session(environment, one, 'install.packages("tides")')
    there = 'cat(requireNamespace("tides", quietly = TRUE))'
    assert in_session(environment, one, there) == "TRUE"
    assert in_session(environment, two, there) == "FALSE"
    assert (one / "layer/rlibs/tides").is_dir()


async def test_python_beside_r(shop, tmp_path):
    environment = await shop.build(
        {"runtime.txt": "r-2023-05-01", "requirements.txt": "cowsay==6.1\n"}
    )
    python = environment.path / "bin" / "python"
    code = "import cowsay, ipykernel; print(cowsay.__version__)"
    assert subprocess.check_output([python, "-c", code], text=True).strip() == "6.1"
    assert in_session(environment, tmp_path, "cat(R.version.string)").startswith("R version")


async def test_a_description_is_installed_with_what_it_names(shop, tmp_path):
    folder = shop.folder({"runtime.txt": "r-4.2-2023-05-01"})
    make_package(folder, "ours", "0.1", "tides")
    environment = await (await shop.begin(folder)).result()
    code = "cat(ours::ours(), tides::tides())"
    assert in_session(environment, tmp_path, code) == "ours 0.1 tides 1.0"
    lock = json.loads((environment.lock.parent / "renv.lock").read_text())
    assert lock["Packages"]["ours"]["Source"] == "Local"


async def test_what_install_r_leaves_is_kept_and_post_build_finds_it(shop):
    environment = await shop.build(
        {
            "runtime.txt": "r-2023-05-01",
            "install.R": 'writeLines("high", "tide.txt")\n',
            "postBuild": '#!/bin/sh\ncat tide.txt > seen.txt\nRscript -e "cat(1)" >> seen.txt\n',
        }
    )
    assert (environment.overlay / "tide.txt").read_text() == "high\n"
    assert (environment.overlay / "seen.txt").read_text() == "high\n1"


async def test_an_install_r_that_fails(shop):
    with pytest.raises(errors.RPackagesFailed, match=r"install\.R ended with status 1"):
        await shop.build({"runtime.txt": "r-2023-05-01", "install.R": "stop('no sea')\n"})
    assert shop.left == []


async def test_an_install_r_that_does_not_end(workshop, cran_url):
    shop = workshop(cran_url=f"{cran_url}{DATED}", build_timeout=20.0)
    with pytest.raises(errors.BuildTimeout):
        await shop.build({"runtime.txt": "r-2023-05-01", "install.R": "Sys.sleep(600)\n"})
    assert shop.left == []
    assert processes_of(shop.store.root) == []


async def test_a_package_that_the_day_has_not_is_told(shop):
    environment = await shop.build(
        {"runtime.txt": "r-2023-05-01", "install.R": 'install.packages("nosuch")\n'}
    )
    assert re.search(r"Not installed, and R went on: \Wnosuch\W", environment.log.read_text())


async def test_a_day_that_there_is_not(shop):
    with pytest.raises(errors.IndexUnreachable, match=r"of runtime\.txt.*2019-01-01"):
        await shop.build({"runtime.txt": "r-2019-01-01", "install.R": ""})


async def test_install_r_does_not_see_the_hubs_secrets(shop, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    environment = await shop.build(
        {
            "runtime.txt": "r-2023-05-01",
            "install.R": 'writeLines(names(Sys.getenv()), "seen.txt")\n',
        }
    )
    assert "JUPYTERHUB_API_TOKEN" not in (environment.overlay / "seen.txt").read_text().split()


async def test_an_r_that_is_not_here_is_refused_before_any_work(shop):
    with pytest.raises(errors.RecipeUnsupported) as caught:
        await shop.build({"binder/runtime.txt": "r-3.6-2023-05-01"})
    assert caught.value.message.startswith(
        "This hub cannot honour binder/runtime.txt: it asks for R 3.6, which is not on its machine"
    )
    assert "containers" in caught.value.next_step
    assert shop.left == []


async def test_a_machine_without_r(workshop):
    shop = workshop(r="", r_conda=False)
    with pytest.raises(errors.RecipeUnsupported, match="which has none"):
        await shop.build({"DESCRIPTION": "Package: p\n"})


async def test_the_kernel_is_r(shop, tmp_path):
    environment = await shop.build({"runtime.txt": "r-2023-05-01", "install.R": ""})
    specs = KernelSpecManager(kernel_dirs=[str(environment.path / "share/jupyter/kernels")])
    manager = AsyncKernelManager(kernel_name="ir", kernel_spec_manager=specs)
    assert specs.get_kernel_spec("ir").argv[0] == str(environment.path / "bin/R")
    variables = {"PATH": os.environ["PATH"], **environment.variables}
    await manager.start_kernel(env=variables, cwd=str(tmp_path))
    client = manager.client()
    try:
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        said = []
        code = 'install.packages("tides", lib = tempdir()); cat(6 * 7)'
        reply = await client.execute_interactive(code, output_hook=said.append, timeout=60)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        await manager.cleanup_resources()
    assert reply["content"]["status"] == "ok"
    texts = [each["content"]["text"] for each in said if each["msg_type"] == "stream"]
    assert "42" in texts


async def test_the_kernel_comes_from_cran_where_the_machine_has_none(workshop, cran_url, tmp_path):
    machine = tmp_path / "machine"
    machine.mkdir()
    program = machine_without("IRkernel", machine)
    shop = workshop(cran_url=f"{cran_url}{DATED}", r=str(program))
    environment = await shop.build({"runtime.txt": "r-2024-05-01"})
    code = 'cat(find.package("IRkernel"))'
    assert in_session(environment, tmp_path, code) == f"{environment.path}/rlibs/IRkernel"
    assert (environment.path / "share/jupyter/kernels/ir/kernel.json").is_file()
    with pytest.raises(errors.RPackagesFailed, match=r"/2023-05-01: IRkernel$"):
        await shop.build({"runtime.txt": "r-2023-05-01"})


async def test_the_same_again_from_the_lock(shop, tmp_path):
    install = 'install.packages("moons")\n'
    built = await shop.build({"runtime.txt": "r-2023-05-01", "install.R": install})
    kept = built.path.parent
    folder = shop.folder({"runtime.txt": "r-2024-05-01", "install.R": install})
    for name in ("pylock.toml", "renv.lock"):
        shutil.copy(kept / name, folder)

    async def again():
        files = DirectoryFiles(folder)
        plan = await shop.builder.plan(lock_recipe(read_recipe(files), files, ""))

        async def source(target):
            shutil.copytree(folder, target)

        return await shop.builds.ensure(plan, source).result()

    environment = await again()
    assert in_session(environment, tmp_path, "cat(tides::tides())") == "tides 1.0"
    assert (environment.path.parent / "renv.lock").read_text() == (kept / "renv.lock").read_text()
    lock = json.loads((folder / "renv.lock").read_text())
    lock["Packages"]["tides"]["Version"] = "0.9"
    (folder / "renv.lock").write_text(json.dumps(lock))
    with pytest.raises(errors.LockUnavailable, match=r"tides 0\.9 of renv\.lock.*is 1\.0"):
        await again()
    (folder / "renv.lock").unlink()
    with pytest.raises(errors.RecipeError, match=r"renv\.lock is missing"):
        await again()
    (folder / "renv.lock").write_text('{"R": {}}')
    with pytest.raises(errors.RecipeError, match=r"renv\.lock is no lock"):
        await again()


async def test_what_an_environment_keeps_builds_it_again(tmp_path):
    need_r()
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "runtime.txt").write_text("r-2023-05-01")
    built = await build_folder(folder, tmp_path / "data", lambda *_: None)
    shutil.rmtree(folder)
    again = await rebuild(built.environment.digest, tmp_path / "data", lambda *_: None)
    locks = [each.environment.path.parent / "renv.lock" for each in (built, again)]
    assert locks[0].read_text() == locks[1].read_text()
    assert locks[0] != locks[1]


async def test_the_drift_of_a_recipe_that_names_no_day_is_not_told(workshop, cran_url):
    shop = workshop(cran_url=f"{cran_url}2024-05-01")
    folder = shop.folder({})
    make_package(folder, "ours", "0.1")
    environment = await (await shop.begin(folder)).result()
    drift = await drift_of(shop.store, environment, CondaSettings({}, ""))
    assert drift.problem.message.endswith("the recipe names no day.")


def test_where_cran_is():
    host = HostR("4.2.2", "x86_64-pc-linux-gnu", Path("R"), Path("Rscript"), ())
    dated = UseR("runtime.txt", None, "2023-05-01")
    template = "https://cran.example.org/{linux}{date}"
    assert snapshot_url(template, dated, None) == "https://cran.example.org/2023-05-01"
    with_system = snapshot_url(template, dated, host)
    assert re.fullmatch(r"https://cran\.example\.org/(__linux__/[a-z]+/)?2023-05-01", with_system)
    today = datetime.now(UTC).date()
    undated = snapshot_url(template, None, None).rpartition("/")[2]
    assert today - date.fromisoformat(undated) in (timedelta(days=2), timedelta(days=1))
    assert snapshot_url("https://own.example.org/cran", dated, host).endswith("/cran")
