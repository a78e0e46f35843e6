import subprocess
import sys

from hubroam.hub.child import child_command


def test_a_program_runs_as_the_child_of_who_started_it():
    done = subprocess.run(child_command("echo", "here"), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "here\n", "")


def test_nothing_runs_when_who_started_it_is_gone_already():
    command = child_command("echo", "here")
    mine = command.index("hubroam.hub.child") + 1
    # another process that has the number stands for one that is gone: ours is its child
    between = [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])"]
    assert int(command[mine]) > 0
    done = subprocess.run([*between, *command], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
