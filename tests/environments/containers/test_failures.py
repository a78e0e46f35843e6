"""What Podman and Docker's former builder say of a failure, as they said it, for people."""

from __future__ import annotations

import pytest

from hubroam.environments.containers.failures import build_failure
from hubroam.errors import DiskFull

FIRST = "FROM localhost/base:1\n"

SAID = [
    (
        f"{FIRST}RUN echo a && exit 3\n",
        'STEP 2/2: RUN echo a && exit 3\na\nError: building at STEP "RUN echo a && exit 3": '
        "while running runtime: exit status 3",
        "Dockerfile, line 2 failed with status 3: RUN echo a && exit 3",
    ),
    (
        f"{FIRST}WHAT is\n",
        'STEP 2/2: WHAT is\nError: building at STEP "WHAT ": Build error: '
        'Unknown instruction: "WHAT" &imagebuilder.Step{Command:"what"}',
        "Dockerfile, line 2 cannot be read: unknown instruction: WHAT.",
    ),
    (
        "",
        'Error: no contents in "/var/tmp/libpod_builder2698674235/build/Dockerfile"',
        "Dockerfile is empty.",
    ),
    (
        "FROM registry.invalid/x:1\n",
        "STEP 1/1: FROM registry.invalid/x:1\nTrying to pull registry.invalid/x:1...\nError: "
        "creating build container: initializing source docker://registry.invalid/x:1: no such host",
        "The image registry.invalid/x:1, with which Dockerfile begins, cannot be had.",
    ),
    (
        f"{FIRST}COPY nothing /x\n",
        'STEP 1/2: FROM localhost/base:1\nSTEP 2/2: COPY nothing /x\nError: building at STEP "COPY '
        'nothing /x": copier: stat: "/nothing": no such file or directory',
        "Dockerfile, line 2 failed: COPY nothing /x",
    ),
    (
        f"{FIRST}RUN exit 3\n",
        "Step 2/2 : RUN exit 3\n ---> Running in ae554d05795f\n"
        "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
        "Dockerfile, line 2 failed with status 3: RUN exit 3",
    ),
]


@pytest.mark.parametrize(("text", "output", "message"), SAID, ids=[m for _, _, m in SAID])
def test_a_failure_names_file_and_line(tmp_path, text, output, message):
    (tmp_path / "Dockerfile").write_text(text)
    assert build_failure(tmp_path, output).message == message


def test_the_file_is_named_where_it_is(tmp_path):
    (tmp_path / "binder").mkdir()
    (tmp_path / "binder/Dockerfile").write_text("FROM x\n")
    (tmp_path / "Dockerfile").write_text("FROM y\n")
    said = "dockerfile parse error on line 1: unknown instruction: WHAT"
    assert build_failure(tmp_path, said).message.startswith("binder/Dockerfile, line 1 ")


def test_a_full_disk_is_the_hubs():
    assert isinstance(build_failure(__file__, "write: no space left on device"), DiskFull)
