import socket
import subprocess
import sys

from hubroam.hub.ports import free_port, port_is_free, quiet_ports


def test_a_free_port_is_none_that_the_kernel_gives_to_others():
    chosen = {free_port() for _ in range(50)}
    assert chosen <= set(quiet_ports())
    given = set()
    for _ in range(50):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            given.add(listener.getsockname()[1])
    assert not given & set(quiet_ports())


def test_a_port_in_use_is_not_free():
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert not port_is_free("127.0.0.1", port)
    assert port_is_free("127.0.0.1", port)


def test_a_port_that_was_chosen_is_not_chosen_again_by_another_process():
    port = free_port()
    program = f"""
from hubroam.hub import ports
ports.quiet_ports = lambda: [{port}] * 200
print(ports.free_port())
"""
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert other.returncode == 0, other.stderr
    assert int(other.stdout) != port
    with socket.create_server(("127.0.0.1", port)) as server:
        assert server.getsockname()[1] == port
