"""Environments that uv really builds."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import tarfile

import pytest

from hubroam import errors
from hubroam.environments.commands import clean_environment
from support.disk import small_disk
from support.processes import processes_of

pytestmark = pytest.mark.registry


def run(environment, code):
    python = environment.path / "bin" / "python"
    return subprocess.check_output([python, "-c", code], text=True).strip()


def kernel(environment):
    path = environment.path / "share/jupyter/kernels/python3/kernel.json"
    return json.loads(path.read_text())["argv"][0]


async def test_requirements_with_lock_log_and_kernel(workshop):
    shop = workshop()
    environment = await shop.build({"binder/requirements.txt": "cowsay==6.1\n"})
    assert run(environment, "import cowsay, ipykernel; print(cowsay.__version__)") == "6.1"
    assert environment.server == "shared"
    lock = environment.lock.read_text()
    assert 'name = "cowsay"\nversion = "6.1"' in lock
    assert re.search(r'hashes = \{ sha256 = "[0-9a-f]{64}"', lock)
    assert "cowsay==6.1" in environment.log.read_text()
    assert kernel(environment) == str(environment.path / "bin" / "python")


async def test_environments_of_one_cache_have_kernels_of_their_own(workshop):
    # packages are hard links to the cache: what writes through one changes all
    shop = workshop()
    one = await shop.build({"requirements.txt": "six==1.16.0\n"})
    two = await shop.build({"requirements.txt": "six==1.17.0\n"})
    assert kernel(one) == str(one.path / "bin" / "python")
    assert kernel(two) == str(two.path / "bin" / "python")


async def test_requirements_with_hashes(workshop):
    hashed = (
        "six==1.16.0 --hash=sha256:"
        "8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254\n"
    )
    environment = await workshop().build({"requirements.txt": hashed})
    assert run(environment, "import six, ipykernel; print(six.__version__)") == "1.16.0"


async def test_a_project(workshop):
    project = '[project]\nname = "ours"\nversion = "3"\ndependencies = ["six==1.16.0"]\n'
    build = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    environment = await workshop().build(
        {"pyproject.toml": project + build, "ours/__init__.py": "WHO = 'us'\n"}
    )
    assert run(environment, "import ours, six; print(ours.WHO, six.__version__)") == "us 1.16.0"


async def test_a_uv_lock(workshop, uv_cache):
    shop = workshop()
    project = '[project]\nname = "locked"\nversion = "1"\nrequires-python = ">=3.11"\n'
    folder = shop.folder({"pyproject.toml": project + 'dependencies = ["six<1.17"]\n'})
    from uv import find_uv_bin

    variables = {**os.environ, "UV_CACHE_DIR": str(uv_cache)}
    subprocess.run([find_uv_bin(), "lock", "-q"], cwd=folder, env=variables, check=True)
    environment = await (await shop.begin(folder)).result()
    assert run(environment, "import six, ipykernel; print(six.__version__)") == "1.16.0"


async def test_a_pipfile_and_its_lock(workshop):
    lock = {
        "_meta": {
            "hash": {"sha256": "0" * 64},
            "pipfile-spec": 6,
            "requires": {},
            "sources": [{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": True}],
        },
        "default": {
            "six": {
                "hashes": [
                    "sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254"
                ],
                "version": "==1.16.0",
            }
        },
        "develop": {},
    }
    pipfile = '[packages]\nsix = "*"\n'
    environment = await workshop().build({"Pipfile": pipfile, "Pipfile.lock": json.dumps(lock)})
    assert run(environment, "import six, ipykernel; print(six.__version__)") == "1.16.0"


async def test_a_pipfile_without_a_lock(workshop):
    pipfile = (
        '[[source]]\nname = "pypi"\nurl = "https://pypi.org/simple"\nverify_ssl = true\n'
        '[packages]\nsix = "==1.16.0"\n'
    )
    environment = await workshop().build({"Pipfile": pipfile})
    assert run(environment, "import six; print(six.__version__)") == "1.16.0"


async def test_what_postbuild_leaves_is_kept(workshop):
    script = (
        "#!/bin/sh\nset -e\npython -c 'import six'\nmkdir d\npwd > d/where\necho x >> tracked\n"
    )
    script += 'test "$HOME" = "$(pwd)"\n'
    environment = await workshop().build(
        {"requirements.txt": "six\n", "postBuild": script, "tracked": "", "same": "same"}
    )
    kept = sorted(str(p.relative_to(environment.overlay)) for p in environment.overlay.rglob("*"))
    assert kept == ["d", "d/where", "tracked"]


@pytest.mark.parametrize(
    ("files", "error", "words"),
    [
        ({"requirements.txt": "six\n", "postBuild": "#!/bin/sh\necho no luck\nexit 3\n"},
         errors.PostBuildFailed, "postBuild ended with status 3: no luck"),
        ({"requirements.txt": "six\n", "postBuild": "#!/no/such/shell\n"},
         errors.PostBuildFailed, "could not be run"),
        ({"requirements.txt": "no-such-package-of-ours-xyz\n"},
         errors.ResolutionFailed, "no-such-package-of-ours-xyz was not found"),
        ({"requirements.txt": "six==1.16\nsix==1.15\n"}, errors.ResolutionFailed, "six==1.15"),
    ],
)  # fmt: skip
async def test_failures_leave_nothing_but_their_log(workshop, files, error, words):
    shop = workshop()
    build = await shop.begin(shop.folder(files))
    with pytest.raises(error) as caught:
        await build.result()
    assert words in caught.value.message
    assert shop.left == []
    assert caught.value.message in shop.store.log_path(build.digest).read_text()


async def test_a_postbuild_that_hangs(workshop):
    shop = workshop(postbuild_timeout=1.0)
    build = await shop.begin(
        shop.folder({"postBuild": "#!/bin/sh\nsleep 600 & setsid sleep 600 & sleep 600\n"})
    )
    with pytest.raises(errors.BuildTimeout) as caught:
        await build.result()
    assert "postBuild took longer than 1 seconds" in caught.value.message
    assert shop.left == []
    assert processes_of(shop.root) == []


async def test_what_postbuild_leaves_running_is_ended(workshop):
    shop = workshop()
    await shop.build({"postBuild": "#!/bin/sh\nsetsid sleep 600 &\n"})
    assert processes_of(shop.root) == []


@pytest.mark.parametrize("damage", ["facts", "python"])
async def test_an_environment_that_was_damaged_is_built_anew(workshop, damage):
    shop = workshop()
    folder = shop.folder({"requirements.txt": "six\n"})
    environment = await (await shop.begin(folder)).result()
    if damage == "facts":
        (environment.path.parent / "environment.json").write_text("{}")
    else:
        (environment.path / "bin" / "python").unlink()
    build = await shop.begin(folder)
    again = await build.result()
    assert build.cached is False
    assert run(again, "import six; print(six.__name__)") == "six"
    shop.store.clean()
    assert shop.left == [again.path.parent]


async def test_a_package_that_cannot_be_built(workshop, tmp_path, monkeypatch):
    shop = workshop()
    setup = "raise SystemExit('no compiler here')\n"
    with pytest.raises(errors.BuildError) as caught:
        await shop.build({"binder/requirements.txt": "./broken\n", "broken/setup.py": setup})
    assert "A package of the recipe could not be built" in caught.value.message

    (tmp_path / "broken-1.0").mkdir()
    (tmp_path / "broken-1.0" / "setup.py").write_text(setup)
    facts = "Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n"
    (tmp_path / "broken-1.0" / "PKG-INFO").write_text(facts)
    with tarfile.open(tmp_path / "broken-1.0.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "broken-1.0", "broken-1.0")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    with pytest.raises(errors.BuildError) as caught:
        await shop.build({"requirements.txt": "broken==1.0\n"})
    assert "The package broken" in caught.value.message


async def test_an_index_that_does_not_answer(tmp_path, monkeypatch):
    from environments.conftest import Workshop  # a cache of its own: nothing may be known already

    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    shop = Workshop(tmp_path, tmp_path / "cache")
    with pytest.raises(errors.IndexUnreachable):
        await shop.build({"requirements.txt": "six\n"})
    assert shop.left == []


async def test_a_python_that_cannot_be_had(workshop):
    with pytest.raises(errors.RecipeUnsupported) as caught:
        await workshop(python_downloads=False).build({"runtime.txt": "python-3.3"})
    assert "runtime.txt" in caught.value.message
    assert "3.3" in caught.value.message


async def test_apt_packages_that_the_machine_has_or_not(workshop):
    shop = workshop()
    with pytest.raises(errors.RecipeUnsupported) as caught:
        await shop.build({"apt.txt": "no-such-package-of-ours\n"})
    assert "no-such-package-of-ours" in caught.value.message
    if os.path.exists("/usr/bin/dpkg-query"):
        assert run(await shop.build({"apt.txt": "dpkg\n"}), "import ipykernel") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk to fill")
async def test_a_full_disk(tmp_path, uv_cache):
    from environments.conftest import Workshop

    with small_disk(tmp_path, "12m") as small:
        shop = Workshop(small, uv_cache)
        with pytest.raises(errors.DiskFull):
            await shop.build({"requirements.txt": "six\n"})
        assert shop.left == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk to fill")
async def test_a_disk_that_postbuild_fills(tmp_path, uv_cache):
    """What the script says afterwards is still read: it must not wait for us, nor we for it."""
    from environments.conftest import Workshop

    script = "#!/bin/sh\nhead -c 1000000000 /dev/zero > big\nseq 100000\necho its end\n"
    with small_disk(tmp_path, "200m") as small:
        shop = Workshop(small, uv_cache)
        build = await shop.begin(shop.folder({"postBuild": script}))
        with pytest.raises(errors.DiskFull):
            await build.result()
        assert [event.message async for event in build.watch()][-1] == "its end\n"
        assert shop.left == []


def test_builds_see_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    monkeypatch.setenv("CONFIGPROXY_AUTH_TOKEN", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    seen = clean_environment(tmp_path)
    assert "secret" not in seen.values()
    assert seen["HTTPS_PROXY"] == "http://proxy.example:3128"


async def test_the_builds_one_and_all(workshop):
    """Ten who wait make one build; who comes late hears all of it; a failure is forgotten."""
    shop = workshop()
    folder = shop.folder({"requirements.txt": "idna==3.7\n"})
    builds = [await shop.begin(folder) for _ in range(10)]
    assert len({id(build) for build in builds}) == 1

    async def hear(build):
        return [event async for event in build.watch()]

    heard = await asyncio.gather(*(hear(build) for build in builds))
    late = await hear(builds[0])
    assert all(events == late for events in heard)
    assert [event.phase for event in late][-1] == "pushing"
    assert len(shop.left) == 1
    again = await shop.begin(folder)
    assert again.cached is True
    assert (await again.result()).path == (await builds[0].result()).path

    bad = shop.folder({"requirements.txt": "idna==3.7\n", "postBuild": "#!/bin/sh\nexit 1\n"})
    first = await shop.begin(bad)
    with pytest.raises(errors.PostBuildFailed):
        await first.result()
    second = await shop.begin(bad)
    assert second is not first
    await shop.builds.shutdown()
    with pytest.raises(errors.BuildError):
        await second.result()
    assert len(shop.left) == 1
