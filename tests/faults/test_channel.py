# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands and files against real servers, by both doors: what other clients get wrong, a thousand times over."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pathlib
import select
import socket
import threading
import time
import tracemalloc
import typing as t
import uuid

import pytest
from ansible.errors import AnsibleError

from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils._channel import Channel
from ansible_collections.fleet.lxd.plugins.module_utils._client import Client
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Request
from ansible_collections.fleet.lxd.plugins.module_utils._options import Remote
from ansible_collections.fleet.lxd.plugins.plugin_utils._connection import Session

RUNS = 1000
MIB = 1 << 20
BIG = 64 * MIB
# What a transfer of any size may hold in memory.
CONSTANT = 8 * MIB

Output = tuple[int, bytes, bytes]


def remote(door: str, server: t.Any, bed: t.Mapping[str, str], **changes: t.Any) -> Remote:
    given = {"url": server.url}
    if door == "tls":
        given = {"url": server.https_url, "server_cert": server.cert, "client_cert": bed["client_cert"], "client_key": bed["client_key"]}
    return Remote.read({**given, **changes}.get)


@pytest.fixture(scope="module")
def running() -> t.Iterator[t.Callable[[t.Any], str]]:
    """A running container of a server: one of each kind for all tests."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda server: stack.enter_context(made(server, running=True)))


@pytest.fixture
def instance(server: t.Any, running: t.Callable[[t.Any], str]) -> str:
    return running(server)


@contextlib.contextmanager
def made(server: t.Any, running: bool) -> t.Iterator[str]:
    name = f"channel-{uuid.uuid4().hex[:8]}"
    with Client(Remote.read({"url": server.url}.get)) as client:
        client.send(Request("POST", ("instances",), {"name": name, "source": {"type": "image", "alias": "busybox"}}))
        try:
            if running:
                client.send(Request("PUT", ("instances", name, "state"), {"action": "start", "timeout": 30}))
            yield name
        finally:
            if running:
                client.send(Request("PUT", ("instances", name, "state"), {"action": "stop", "timeout": 30, "force": True}))
            client.send(Request("DELETE", ("instances", name)))


@pytest.fixture(params=["socket", "tls"])
def channel(request: pytest.FixtureRequest, server: t.Any, bed: t.Mapping[str, str]) -> t.Iterator[Channel]:
    with Channel(remote(request.param, server, bed)) as channel:
        yield channel


def run(channel: Channel, instance: str, script: str, **options: t.Any) -> Output:
    stdout, stderr = bytearray(), bytearray()
    code = channel.exec(instance, ["sh", "-c", script], stdout=stdout.extend, stderr=stderr.extend, **options)
    return code, bytes(stdout), bytes(stderr)


class Stream:
    """Bytes that are made as they are read, and the hash of them."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        block = os.urandom(min(size, self.left))
        self.left -= len(block)
        self.hash.update(block)
        return block


@contextlib.contextmanager
def constant_memory() -> t.Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < CONSTANT
    finally:
        tracemalloc.stop()


def test_a_user_carries_no_file_that_they_may_not(channel: Channel, server: t.Any, instance: str, tmp_path: pathlib.Path) -> None:
    def session(user: str) -> Session:
        given = {"url": server.url, "lxd_host": instance, "remote_addr": instance, "remote_user": user, "executable": "/bin/sh"}
        return Session({**given, "agent_timeout": 1.0, "become_timeout": 1.0}.get)

    local, root, nobody = tmp_path / "local", session("root"), session("nobody")
    local.write_bytes(b"theirs")
    channel.put(instance, "/root/secret", b"secret", mode=0o600, uid=0, gid=0)
    assert nobody.run("ln -sfn /root/secret /tmp/laid", b"", None)[0] == 0
    for act in (nobody.put, lambda here, there: nobody.fetch(there, here)):
        with pytest.raises(AnsibleError, match="As nobody in instance .*ermission denied"):
            act(str(local), "/tmp/laid")
        local.write_bytes(b"theirs")
    assert channel.read(instance, "/root/secret") == b"secret"
    nobody.put(str(local), "/tmp/own")
    assert run(channel, instance, "stat -c %U:%a /tmp/own; cat /tmp/own") == (0, b"nobody:644\ntheirs", b"")
    root.fetch("/tmp/laid", str(local))
    assert local.read_bytes() == b"secret"
    nobody.close()
    root.close()


def test_links_that_lead_nowhere(channel: Channel, instance: str) -> None:
    assert run(channel, instance, "cd /tmp; ln -sfn link-b link-a; ln -sfn link-a link-b; ln -sfn gone link-c")[0] == 0
    with pytest.raises(errors.TransferFailed, match="leads from symbolic link to symbolic link"):
        channel.read(instance, "/tmp/link-a")
    with pytest.raises(errors.NotFound, match="There is no file /tmp/link-c in instance"):
        channel.read(instance, "/tmp/link-c")


def test_a_thousand_runs_in_a_row(channel: Channel, instance: str) -> None:
    for number in range(RUNS):
        script = f"cat; echo no {number} >&2; exit {number % 7}"
        expected = (number % 7, f"yes {number}".encode(), f"no {number}\n".encode())
        assert run(channel, instance, script, stdin=f"yes {number}".encode()) == expected


def test_many_bytes_into_a_command(channel: Channel, instance: str) -> None:
    source = Stream(BIG)
    with constant_memory():
        code, output, _errors = run(channel, instance, "sha256sum", stdin=source)
    assert (code, output.split()[0].decode()) == (0, source.hash.hexdigest())


def test_many_bytes_through_a_command(channel: Channel, instance: str) -> None:
    source, seen = Stream(BIG), hashlib.sha256()
    with constant_memory():
        assert channel.exec(instance, ["cat"], stdin=source, stdout=seen.update) == 0
    assert seen.hexdigest() == source.hash.hexdigest()


def test_many_bytes_out_of_a_command_to_a_slow_reader(channel: Channel, instance: str) -> None:
    channel.put(instance, "/tmp/data", os.urandom(MIB))
    script = "i=0; while [ $i -lt 64 ]; do cat /tmp/data; i=$((i+1)); done"
    expected = run(channel, instance, f"({script}) | sha256sum")[1].split()[0].decode()
    seen, pauses = hashlib.sha256(), iter([0.2] * 5)

    def slow(data: bytes) -> None:
        time.sleep(next(pauses, 0))
        seen.update(data)

    with constant_memory():
        assert channel.exec(instance, ["sh", "-c", script], stdout=slow) == 0
    assert seen.hexdigest() == expected


@pytest.mark.parametrize("data", [b"", b"\x00\xff\r\n\x04", bytes(range(256)) * 4096], ids=["empty", "few", "many"])
def test_every_byte_as_it_was(channel: Channel, instance: str, data: bytes) -> None:
    assert run(channel, instance, "cat", stdin=data) == (0, data, b"")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("true", (0, b"", b"")),
        ("head -c 3", (0, b"xxx", b"")),
        ("exec <&-; sleep 0.2; echo done", (0, b"done\n", b"")),
        ("exit 255", (255, b"", b"")),
        ("echo mine >&2; exit 127", (127, b"", b"mine\n")),
        ("exit 126", (126, b"", b"sh: command not executable\n")),
    ],
)
def test_a_command_that_reads_no_more(channel: Channel, instance: str, script: str, expected: Output) -> None:
    assert run(channel, instance, script, stdin=b"x" * 5 * MIB) == expected


def test_a_command_that_reads_on_when_it_has_closed_its_outputs(channel: Channel, instance: str) -> None:
    size = 8 * MIB
    assert run(channel, instance, "exec >&- 2>&-; sleep 0.3; cat > /tmp/kept", stdin=b"x" * size)[0] == 0
    assert run(channel, instance, "wc -c < /tmp/kept")[1].split() == [str(size).encode()]


def test_a_child_in_the_background(channel: Channel, instance: str) -> None:
    begun = time.monotonic()
    assert run(channel, instance, "sleep 30 >/dev/null 2>&1 </dev/null & echo on") == (0, b"on\n", b"")
    assert run(channel, instance, "(sleep 0.2; echo later) & echo now") == (0, b"now\nlater\n", b"")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(("argv", "code"), [(["no-such-command"], 127), (["/etc/passwd"], 126)])
def test_what_is_no_command(channel: Channel, instance: str, argv: list[str], code: int) -> None:
    complaint = bytearray()
    assert channel.exec(instance, argv, stdin=b"x", stderr=complaint.extend) == code
    assert argv[0].encode() in complaint


def test_who_and_where(channel: Channel, instance: str) -> None:
    output = run(channel, instance, "id -u; id -g; pwd; echo $A", user=12, group=34, cwd="/tmp", environment={"A": "b c"})
    assert output == (0, b"12\n34\n/tmp\nb c\n", b"")


@pytest.mark.parametrize(
    ("script", "seconds"), [("exec sleep 987", 4), ("trap '' TERM; while :; do sleep 0.1; done", 9)], ids=["term", "kill"]
)
def test_a_timeout_kills(channel: Channel, instance: str, script: str, seconds: float) -> None:
    begun, output = time.monotonic(), bytearray()
    with pytest.raises(errors.TimedOut, match="within 1 seconds"):
        channel.exec(instance, ["sh", "-c", f"echo begun; {script}"], stdout=output.extend, timeout=1)
    assert time.monotonic() - begun < seconds
    assert output == b"begun\n"
    assert b"sleep 987" not in run(channel, instance, "ps")[1]


def test_a_source_that_waits_for_output(channel: Channel, instance: str) -> None:
    output = bytearray()

    def source() -> t.Iterator[bytes]:
        while b"name?" not in output:
            yield b""
        yield b"fleet\n"

    assert channel.exec(instance, ["sh", "-c", "sleep 0.2; printf 'name?'; read x; echo $x"], stdin=source(), stdout=output.extend) == 0
    assert output == b"name?fleet\n"


def test_files(channel: Channel, instance: str, tmp_path: pathlib.Path) -> None:
    source = Stream(BIG)
    local = tmp_path / "data"
    with local.open("wb") as file:
        while block := source.read(MIB):
            file.write(block)
    seen = hashlib.sha256()
    with constant_memory():
        with local.open("rb") as file:
            channel.put(instance, "/tmp/a b?#%", file, mode=0o640, uid=7, gid=8)
        channel.get(instance, "/tmp/a b?#%", seen.update)
    assert seen.hexdigest() == source.hash.hexdigest()
    assert run(channel, instance, "stat -c '%a %u %g %s' /tmp/a*")[1] == f"640 7 8 {BIG}\n".encode()
    channel.put(instance, "/tmp/empty", b"")
    assert channel.read(instance, "/tmp/empty") == b""
    assert [channel.exists(instance, path) for path in ("/tmp", "/tmp/empty", "/tmp/none")] == [True, True, False]


def test_files_that_are_not(channel: Channel, instance: str) -> None:
    with pytest.raises(errors.NotFound, match="There is no file /none in instance channel-"):
        channel.read(instance, "/none")
    with pytest.raises(errors.NotFound, match="There is no directory for /none/x in instance"):
        channel.put(instance, "/none/x", b"x" * MIB)
    with pytest.raises(errors.TransferFailed, match="/etc in instance .* is a directory"):
        channel.read(instance, "/etc")
    assert run(channel, instance, "echo on")[1] == b"on\n"


def test_instances_that_are_not_there_or_do_not_run(channel: Channel, server: t.Any) -> None:
    with pytest.raises(errors.NotFound, match="There is no instance channel-none"):
        channel.exec("channel-none", ["true"])
    with pytest.raises(errors.NotFound, match="There is no instance channel-none"):
        channel.exists("channel-none", "/etc")
    with made(server, running=False) as name:
        with pytest.raises(errors.NotRunning, match=f"Instance {name} is not running"):
            channel.exec(name, ["true"])
        channel.put(name, "/tmp/x", b"files need no running instance")
        assert channel.exists(name, "/tmp/x")


def test_a_frozen_instance(channel: Channel, server: t.Any, instance: str) -> None:
    with Client(Remote.read({"url": server.url}.get)) as client:
        client.send(Request("PUT", ("instances", instance, "state"), {"action": "freeze", "timeout": 10}))
        try:
            with pytest.raises(errors.NotRunning, match=f"Instance {instance} is frozen"):
                channel.exec(instance, ["true"])
        finally:
            client.send(Request("PUT", ("instances", instance, "state"), {"action": "unfreeze", "timeout": 10}))


def test_an_instance_that_is_stopped_under_a_command(channel: Channel, server: t.Any) -> None:
    with made(server, running=True) as name:
        with Client(Remote.read({"url": server.url}.get)) as client:
            stop = Request("PUT", ("instances", name, "state"), {"action": "stop", "timeout": 30, "force": True})
            timer = threading.Timer(0.5, lambda: client.send(stop))
            timer.start()
            try:
                assert channel.exec(name, ["sleep", "60"]) == 137
            finally:
                timer.join()
                client.send(Request("PUT", ("instances", name, "state"), {"action": "start", "timeout": 30}))


class Gate:
    """A unix socket before that of a server; :meth:`cut` ends all that goes through, and :meth:`shut` lets nothing in again."""

    def __init__(self, path: str, target: str) -> None:
        self.target = target
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.cut()

    def cut(self) -> None:
        for sock in self.open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self.listener.accept()[0]
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.target)
                self.open += [near, far]
                threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    @staticmethod
    def _carry(near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with contextlib.suppress(OSError), near, far:
            while True:
                for sock in select.select([near, far], [], [])[0]:
                    data = sock.recv(65536)
                    if not data:
                        return
                    other[sock].sendall(data)


@pytest.mark.parametrize(("fault", "error"), [("shut", errors.Unreachable), ("cut", errors.TransferFailed)])
def test_a_connection_that_breaks(server: t.Any, instance: str, tmp_path: pathlib.Path, fault: str, error: type[Exception]) -> None:
    path = str(tmp_path / "s")
    gate = Gate(path, server.url.removeprefix("unix:"))
    output = bytearray()
    with Channel(Remote.read({"url": f"unix:{path}"}.get)) as channel:
        timer = threading.Timer(0.5, getattr(gate, fault))
        timer.start()
        begun = time.monotonic()
        with pytest.raises(error):
            channel.exec(instance, ["sh", "-c", "echo on; exec sleep 60"], stdout=output.extend)
        assert time.monotonic() - begun < 5
        assert output == b"on\n"
        if fault == "cut":
            assert run(channel, instance, "echo again")[1] == b"again\n"
    gate.shut()


def test_the_certificate_of_every_socket(server: t.Any, bed: t.Mapping[str, str], instance: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    with Channel(remote("tls", server, bed)) as channel:
        assert run(channel, instance, "echo on")[1] == b"on\n"
        # The kept connection stays; the streams have to be refused.
        monkeypatch.setattr(channel._http.dialer, "_pin", "0" * 64)
        with pytest.raises(errors.UntrustedServer, match="not the one that was pinned"):
            run(channel, instance, "echo on")
    with Channel(remote("tls", server, bed, server_cert=None, server_fingerprint="0" * 64)) as channel:
        with pytest.raises(errors.UntrustedServer, match="not the one that was pinned"):
            run(channel, instance, "echo on")
    with Channel(remote("tls", server, bed, server_cert=None)) as channel:
        with pytest.raises(errors.UntrustedServer, match="Nobody vouches for the certificate"):
            run(channel, instance, "echo on")
