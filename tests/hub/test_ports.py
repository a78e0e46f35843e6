import socket

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
