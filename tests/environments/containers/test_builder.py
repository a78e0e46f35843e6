"""Images by repo2docker on a real daemon, looked up in and pushed to a real registry."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing

import pytest

from hubroam.environments import Builds, EnvironmentStore, Origin
from hubroam.environments.containers.builder import ContainerBuilder
from hubroam.environments.containers.engine import ContainerEngine
from hubroam.environments.either import EitherBuilder
from hubroam.environments.local import LocalBuilder
from hubroam.errors import BuildError, ConfigurationError, EngineUnreachable, RecipeError
from hubroam.hub.ports import free_port
from hubroam.recipes import DirectoryFiles
from support.dockerd import DOCKER, Docker, cannot, dockerd, dockerfile
from support.logged import LoggedProgram

pytestmark = pytest.mark.registry  # of what the images begin with

REGISTRY = f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def engine() -> Iterator[Docker]:
    with dockerd(REGISTRY) as running:
        yield running


class Yard:
    """Builds the images of folders.

    Args:
        folder: For everything.
        url: Of the engine.
    """

    def __init__(self, folder, url, **settings):
        self.folder = folder
        self.store = EnvironmentStore(folder / "environments")
        self.builder = ContainerBuilder(**settings)
        self.builder.engine = ContainerEngine(url=url, command=DOCKER)
        self.builds = Builds(self.store, self.builder)

    async def begin(self, files, commit="c0ffee", links=()):
        book = self.folder / "book"
        shutil.rmtree(book, ignore_errors=True)
        for name, content in files.items():
            (book / name).parent.mkdir(parents=True, exist_ok=True)
            (book / name).write_text(content)

        async def source(target):
            await asyncio.to_thread(shutil.copytree, book, target)
            for name in links:
                if (target / name).is_dir():
                    shutil.rmtree(target / name)
                (target / name).symlink_to(links[name])

        recipe = self.builder.read(DirectoryFiles(book))
        plan = await self.builder.plan(recipe, origin=Origin("gh", "ada/book", commit))
        return self.builds.ensure(plan, source)

    async def build(self, files, commit="c0ffee"):
        build = await self.begin(files, commit)
        environment = await build.result()
        lines = [event.message.rstrip("\n") async for event in build.watch()]
        return environment, build, lines


@pytest.fixture
async def yard(tmp_path, engine):
    made = []

    def make(name="yard", url=engine.url, **settings):
        (tmp_path / name).mkdir()
        made.append(Yard(tmp_path / name, url, **settings))
        return made[-1]

    yield make
    for each in made:
        await each.builds.shutdown()


async def test_an_image_is_built_once_and_its_content_is_what_it_was_made_of(yard, engine):
    place = yard()
    files = {"Dockerfile": dockerfile(engine.base), "prose.md": "one"}
    environment, build, lines = await place.build(files)
    assert not build.cached
    assert environment.builder == "container"
    assert environment.image.name == environment.image_name
    assert environment.image_name.startswith("hubroam/ada-2dbook-")
    assert environment.image_name.endswith(":c0ffee")
    assert (environment.image.server, environment.image.folder) == ("hub", "/home/jovyan")
    assert environment.image.user == "jovyan"
    assert any("useradd" in line for line in lines)
    assert json.loads(environment.lock.read_text())["id"] == environment.image.id
    with closing(engine.client()) as client:
        command = ["grep", "-qx", "one", "prose.md"]
        client.containers.run(environment.image.id, command, remove=True)  # or it raises
    again, build, _ = await place.build(files)
    assert build.cached
    assert again.image == environment.image
    # any file may be part of the image: another content is another image
    other, build, _ = await place.build({**files, "prose.md": "two"}, "decaf")
    assert not build.cached
    assert other.digest != environment.digest


async def test_an_image_that_somebody_removed_is_built_again(yard, engine):
    place = yard()
    files = {"Dockerfile": dockerfile(engine.base), "prose.md": "removed"}
    environment, _, _ = await place.build(files)
    with closing(engine.client()) as client:
        client.images.remove(environment.image.id, force=True)
    again, build, _ = await place.build(files)
    assert not build.cached
    assert again.digest == environment.digest


async def test_another_base_makes_another_image_of_the_same_commit(yard, engine):
    files = {"Dockerfile": dockerfile(engine.base), "prose.md": "arguments"}
    first, _, _ = await yard().build(files)
    place = yard("other", build_args={"NB_UID": "2000"})
    second, _, _ = await place.build(files)
    assert first.image_name == second.image_name
    assert first.image.id != second.image.id
    with closing(engine.client()) as client:
        command = ["grep", "-q", "jovyan:x:2000:", "/etc/passwd"]
        client.containers.run(second.image.id, command, remove=True)


FAILURES = [
    ("", "Dockerfile is empty."),
    (
        "FROM {base}\nWHAT is this\n",
        "Dockerfile, line 2 cannot be read: unknown instruction: WHAT.",
    ),
    (
        "FROM {base}\n# why\nARG CODE=7\nRUN echo looking && \\\n  exit ${CODE}\n",
        "Dockerfile, line 4 failed with status 7: RUN echo looking &&   exit 7",
    ),
    ("FROM {base}\nCOPY nothing .\n", "Dockerfile, line 2 failed: COPY nothing ."),
    (
        "FROM registry.invalid/book:1\n",
        "The image registry.invalid/book:1, with which Dockerfile begins, cannot be had.",
    ),
]


@pytest.mark.parametrize(("text", "message"), FAILURES, ids=[m[:40] for _, m in FAILURES])
async def test_a_dockerfile_that_fails_says_where(yard, engine, text, message):
    with pytest.raises((BuildError, RecipeError)) as failure:
        await yard().build({"Dockerfile": text.replace("{base}", engine.base)})
    assert failure.value.message == message


# More than the limit, and less than this machine has.
GREEDY = "RUN python3 -c 'bytearray(b\"x\") * (300 << 20)'"


async def test_a_build_gets_no_more_memory_than_it_may(yard, engine):
    files = {"Dockerfile": dockerfile(engine.base, GREEDY)}
    with pytest.raises(BuildError) as failure:
        await yard(build_memory="100M").build(files)
    assert failure.value.message == (
        "Dockerfile, line 2 was ended, as is what needs more than 100M of memory: "
        "RUN python3 -c 'bytearray(b\"x\") * (300 << 20)'"
    )
    assert "ContainerBuilder.build_memory" in failure.value.next_step
    environment, _, _ = await yard("enough", build_memory="600m").build(files)
    assert environment.image.server == "hub"


async def test_what_needs_buildkit_is_refused_under_a_limit_of_memory(yard, engine):
    line = "RUN --mount=type=cache,target=/var/cache true"
    files = {"Dockerfile": dockerfile(engine.base, line)}
    with pytest.raises(RecipeError, match="Dockerfile needs BuildKit"):
        await yard(build_memory="600m").build(files)
    environment, _, _ = await yard("without").build(files)
    assert environment.image.server == "hub"


@pytest.mark.parametrize("size", ["much", "-1", "4GB", "0"])
def test_a_limit_of_memory_is_a_size(size):
    with pytest.raises(ConfigurationError, match="build_memory"):
        ContainerBuilder(build_memory=size)


async def test_an_image_without_a_server_is_refused(yard, engine):
    with pytest.raises(BuildError, match="no Jupyter server"):
        await yard().build({"Dockerfile": dockerfile(engine.bare)})


async def test_an_image_whose_user_may_write_nowhere_is_refused(yard, engine):
    with pytest.raises(BuildError, match="no home folder") as failure:
        await yard().build({"Dockerfile": f"FROM {engine.base}\n"})
    assert "1000" in failure.value.next_step


async def test_what_repo2docker_refuses_is_told_in_its_words(yard):
    place = yard()
    with pytest.raises(BuildError, match=r"Invalid runtime\.txt date: 9-1-2") as failure:
        await place.build({"runtime.txt": "python-3-9-1-2"})
    assert "Traceback" not in failure.value.message
    assert "Traceback" not in next(place.store.root.glob("logs/*.log")).read_text()


@pytest.mark.parametrize("name", ["Dockerfile", "apt.txt", "binder", "binder/runtime.txt"])
async def test_a_recipe_that_would_read_this_machines_files_is_refused(yard, tmp_path, name):
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef")
    place = yard()
    build = await place.begin({"prose.md": "", "binder/postBuild": ""}, links={name: secret})
    with pytest.raises(RecipeError, match="leads out of the repository"):
        await build.result()
    assert [event for event in build._events if "0123456789" in event.message] == []


async def test_an_image_with_jupyterlab_alone_has_a_plain_server(yard, engine):
    line = "RUN rm /usr/local/bin/jupyterhub-singleuser"
    environment, _, _ = await yard().build({"Dockerfile": dockerfile(engine.base, line)})
    assert environment.image.server == "plain"


async def test_a_build_that_is_stopped_is_over_at_once(yard, engine):
    place = yard()
    lines = ["RUN echo begun && sleep 987"]
    build = await place.begin({"Dockerfile": dockerfile(engine.base, *lines)})
    async for event in build.watch():
        if event.message.rstrip().endswith(" begun"):
            break
    await place.builds.shutdown()
    with pytest.raises(BuildError, match="stopped"):
        await build.result()
    assert list(place.store.root.glob("builds/*")) == []
    # the daemon ends the step when nobody waits for it any more
    async with asyncio.timeout(20):
        while sleeping():
            await asyncio.sleep(0.1)


def sleeping() -> bool:
    for process in os.scandir("/proc"):
        if process.name.isdigit():
            try:
                with open(f"{process.path}/cmdline", "rb") as command:
                    if command.read().startswith(b"sleep\x00987"):
                        return True
            except OSError:
                continue
    return False


async def test_without_an_engine_the_next_step_names_the_setting(yard, tmp_path):
    place = yard(url=f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(EngineUnreachable) as failure:
        await place.build({"Dockerfile": "FROM scratch\n"})
    assert "nobody.sock" in failure.value.message
    assert "c.ContainerEngine.url" in failure.value.next_step


@pytest.fixture
def registry(tmp_path) -> Iterator[str]:
    if shutil.which("docker-registry") is None:
        cannot("docker-registry is not installed: apt install docker-registry")
    folder = tmp_path / "registry"
    folder.mkdir()
    config = folder / "config.yml"
    document = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": REGISTRY},
    }
    config.write_text(json.dumps(document))
    command = ["docker-registry", "serve", str(config)]
    with LoggedProgram(command, ready="listening on", folder=folder, environment=dict(os.environ)):
        yield REGISTRY


async def test_a_registry_gets_what_is_built_and_gives_what_it_has(yard, engine, registry):
    settings = {"use_registry": True, "image_prefix": f"{registry}/binder-"}
    files = {"Dockerfile": dockerfile(engine.base), "prose.md": "registry"}
    built, _, lines = await yard(**settings).build(files)
    assert "It is in the registry" in lines
    lock = json.loads(built.lock.read_text())
    assert lock["registry"].startswith(f"{registry}/binder-ada-2dbook-")
    with closing(engine.client()) as client:
        client.images.remove(built.image.id, force=True)
    pulled, _, lines = await yard("another hub", **settings).build(files)
    assert "It is there, and need not be built" in lines
    assert pulled.image.id == built.image.id
    assert pulled.digest == built.digest


async def test_a_registry_that_is_down_stops_nobody(yard, engine):
    settings = {"use_registry": True, "image_prefix": f"{REGISTRY}/binder-"}
    files = {"Dockerfile": dockerfile(engine.base), "prose.md": "no registry"}
    environment, _, lines = await yard(**settings).build(files)
    assert environment.image.name.startswith(REGISTRY)
    assert any("The registry does not give it" in line for line in lines)
    assert any("The registry does not take it" in line for line in lines)


async def test_unused_images_go_the_longest_unused_first(yard, engine):
    place = yard()
    environments = []
    for number in range(3):
        files = {"Dockerfile": dockerfile(engine.base), "prose.md": f"old {number}" * 99_999}
        environment, _, _ = await place.build(files, f"{number}" * 7)
        environments.append(environment)
        os.utime(place.store.root / environment.digest / "environment.json", (number, number))
    first, second, third = environments
    with closing(engine.client()) as client:
        used = client.containers.create(first.image.id, "true")
        size = next(i for i in client.df()["Images"] if i["Id"] == second.image.id)
        place.builder.image_age = 1e12
        place.builder.image_room = 2 * (size["Size"] - size["SharedSize"]) + 1000
        assert place.builder.collect(place.store) == [second.image_name]
        assert place.store.get(second.digest) is None
        assert place.store.get(third.digest) is not None
        place.builder.image_age = 3600
        assert place.builder.collect(place.store) == [third.image_name]
        used.remove()
        place.store.touch(first.digest)
        assert place.builder.collect(place.store) == []
        assert client.images.get(first.image.id)


async def test_the_first_builder_that_can_builds(yard, engine, tmp_path):
    either = EitherBuilder(LocalBuilder(), yard().builder)

    async def plan(files):
        folder = tmp_path / "recipe"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_text(content)
        said = []
        planned = await either.plan(either.read(DirectoryFiles(folder)), said.append)
        return planned.builder.name, said

    assert await plan({"requirements.txt": "cowsay"}) == ("local", [])
    assert await plan({"Dockerfile": "FROM x"}) == (
        "container",
        ["Needs a container (Dockerfile: it describes a container)"],
    )
    builder, said = await plan({"requirements.txt": "", "apt.txt": "no-such-package"})
    assert builder == "container"
    assert said[-1] == "Needs a container (apt.txt: it asks for no-such-package)"
