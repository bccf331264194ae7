# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an image gets onto a server: fetched by the server itself, or by us and uploaded; whoever else does so at the same time.

What was measured on LXD 5.0 and Incus 6.0, and decides what happens here:

* Two imports of one image end in ``already exists`` or ``UNIQUE constraint failed`` for one of them.
* If it is a download of the server's own that fails so, it takes the files of the other one with it as it goes, and leaves
  a record of an image without files.
* A download of the server's own has no time limit. It can be cancelled, but may go on over https in spite of it; then it
  keeps all further downloads of the image waiting, and deletes the files of whatever is uploaded meanwhile when it ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import os
import re
import tempfile
import time
import typing as t

from ._client import Client
from ._errors import AlreadyExists, LxdError, NoArchive, NotFound, OperationFailed, Refused, TimedOut, TransferFailed, Unreachable
from ._image_files import Upload
from ._image_sources import Delivery, Offer
from ._messages import Request
from ._transfer import LONGEST_PAUSE, PAUSE, Policy, Progress, kept

# How long a server takes at most to tell that a cancelled download is really over; it forgets operations after 5 s.
_CANCEL = 3.0
# Of a download the server tells each per cent. Slower than this many bytes a second, and a per cent may take longer than ``stall``.
_SLOW_LINE = 16 * 1024
# What a server says of a download of its own that another try may bring to a good end.
_PASSING = r"(?i)EOF|reset|refused|broken pipe|time.?out|\b50[0234]\b|no such host|unreachable|Hash mismatch"
# How servers say that their index does not have an image.
_UNKNOWN = "image couldn't be found"
# How often an import is begun anew because of what others did to the same image.
_COLLISIONS = 4


@dataclasses.dataclass(frozen=True)
class Arrival:
    """An image is on the server. ``transfer``: ``pull``, ``relay``, ``upload`` or ``publish``; ``received`` counts the bytes that
    we fetched; ``new`` is False if the server had the very same before."""

    fingerprint: str
    transfer: str
    received: int = 0
    attempts: int = 1
    new: bool = True


@dataclasses.dataclass(frozen=True)
class Order:
    """``ways``: ``pull`` or ``relay``, those that may be tried, in order."""

    client: Client
    policy: Policy
    progress: Progress
    warn: t.Callable[[str], None]
    ways: tuple[str, ...] = ("relay",)
    auto_update: bool = False
    directory: str | None = None


class _Stalled(TransferFailed):
    """The server's own download stood still and was ended: another way may be tried."""


def ways(transfer: str, offer: Offer, client: Client, auto_update: bool) -> tuple[str, ...]:
    """What ``transfer`` means for this image and this server; see the documentation of lxd_image for the reasons."""
    if transfer != "auto":
        return (transfer,)
    if offer.pull is None:
        return ("relay",)
    if auto_update:
        return ("pull", "relay")
    return ("relay",) if client.remote.socket or offer.pull(False)["server"].startswith("http:") else ("pull", "relay")


def bring(offer: Offer, order: Order) -> Arrival:
    """Have the image of ``offer`` on the server, whole.

    :raises TransferFailed: when no way led to it. :raises TimedOut: at the policy's deadline.
    """
    for collision in range(_COLLISIONS):
        try:
            return _bring(offer, order)
        except AlreadyExists:
            fingerprint = offer.fingerprint or offer.relay("", order.policy, order.progress).files.fingerprint(order.progress)
            if await_whole(order.client, fingerprint, order.policy):
                return Arrival(fingerprint, "upload" if offer.local else order.ways[0], attempts=collision + 1)
    raise TransferFailed(f"{offer.name}: others import the same image at the same time, and their imports and ours undo each other")


def _bring(offer: Offer, order: Order) -> Arrival:
    if offer.local:
        return _upload(offer, order)
    if order.ways == ("relay",):
        return _relay(offer, order)
    for left in range(order.policy.retries if order.ways == ("pull",) else 0, -1, -1):
        try:
            return _pull(offer, order)
        except (_Stalled, OperationFailed) as failure:
            if "relay" in order.ways:
                order.warn(f"{failure}; it is relayed instead")
            elif not left or not re.search(_PASSING, str(failure)):
                raise
            else:
                order.progress(f"{failure}; once more", None)
                time.sleep(min(LONGEST_PAUSE, PAUSE * 2 ** (order.policy.retries - left)))
    return _relay(offer, order)


# --- we fetch, and upload


def _relay(offer: Offer, order: Order) -> Arrival:
    with kept(offer.name, order.directory):
        return _relay_in(order.directory or tempfile.gettempdir(), offer, order)


def _relay_in(directory: str, offer: Offer, order: Order) -> Arrival:
    with _one_at_a_time(f"{offer.fingerprint} {order.client.remote}", directory, offer.name, order):
        if offer.fingerprint and order.client.get("images", offer.fingerprint) is not None:
            return Arrival(offer.fingerprint, "relay", attempts=0)
        with tempfile.TemporaryDirectory(prefix="fleet-lxd-image-", dir=directory) as scratch:
            return _send(offer, offer.relay(scratch, order.policy, order.progress), order, "relay")


def _upload(offer: Offer, order: Order) -> Arrival:
    return _send(offer, offer.relay("", order.policy, order.progress), order, "upload")


@contextlib.contextmanager
def _one_at_a_time(what: str, directory: str, name: str, order: Order) -> t.Iterator[None]:
    """Tasks of this machine with the same wish do not fetch the same over the same line: the others wait for the first."""
    key = hashlib.sha256(what.encode()).hexdigest()[:16]
    path = os.path.join(directory, f".fleet-lxd-{os.geteuid()}-{key}.lock")
    while (handle := _locked(path)) is None:
        order.policy.check(name)
        order.progress(f"{name}: another task fetches it", None)
        time.sleep(0.2)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        os.close(handle)


def _locked(path: str) -> int | None:
    """An open file that is locked, and that the path still leads to; None if another task has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), os.stat(path)):
            return handle
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(handle)
    return None


def _send(offer: Offer, delivery: Delivery, order: Order, way: str) -> Arrival:
    """Sent again after a break only when the server does not have it: it knows the image by its content."""
    upload = Upload(delivery.files, lambda text, fraction: order.progress(f"{offer.name}: {text}", fraction))
    fingerprint = delivery.fingerprint
    client, prefix = order.client, order.client.header_prefix
    headers = {
        "Content-Type": upload.content_type,
        f"{prefix}filename": upload.files.metadata.name,
        **({f"{prefix}fingerprint": fingerprint} if fingerprint else {}),
    }
    for left in range(order.policy.retries, -1, -1):
        try:
            reply = client.send(Request("POST", ("images",), content=upload, headers=headers), _left(order.policy))
            fingerprint = fingerprint or reply.metadata["fingerprint"]
            break
        except Unreachable:
            if not left:
                raise
            time.sleep(1)
            fingerprint = fingerprint or delivery.files.fingerprint()
            if client.get("images", fingerprint) is not None:
                break
        except NoArchive as refusal:
            raise NoArchive(f"{offer.name} is no image: the server cannot unpack it ({refusal})", **refusal.facts) from refusal
    return Arrival(str(fingerprint), way, delivery.received, max(1, delivery.attempts))


# --- the server fetches


def _pull(offer: Offer, order: Order) -> Arrival:
    if offer.pull is None:
        raise TransferFailed(f"{offer.name}: the server cannot fetch it by itself; use transfer: relay")
    body = {"source": offer.pull(order.auto_update), "auto_update": order.auto_update}
    request = Request("POST", ("images",), body)
    operation = order.client.start(request).operation
    if operation is None:
        raise TransferFailed(f"{offer.name}: the server did not start to fetch it", request=str(request))
    watch = _Watch(offer, order)
    try:
        ended = order.client.wait(operation, _left(order.policy), watch, str(request))
    except _Stalled as stall:
        if _ended_well(offer, order, operation["id"], stall):
            return Arrival(offer.fingerprint or "", "pull")
        raise _Stalled(f"The server could not fetch {offer.name}: {stall}") from None
    except TimedOut:
        order.client.cancel(operation["id"])
        said = f"{offer.name}: the time allowed by timeout is over, and the server was told to stop fetching it"
        raise TimedOut(said, operation=operation["id"]) from None
    except AlreadyExists:
        raise
    except Refused as refusal:
        hint = "; servers keep an index for an hour, and may not have seen a newer one" if _UNKNOWN in str(refusal) else ""
        raise OperationFailed(f"The server could not fetch {offer.name}: {refusal}{hint}", **refusal.facts) from None
    return Arrival((ended.get("metadata") or {}).get("fingerprint") or offer.fingerprint or "", "pull")


class _Watch:
    """Looks at each state of a pull, and raises :class:`_Stalled` when nothing moves any more.

    A pull that waits for another one of the same image tells nothing of itself: it lives as long as any download does.
    """

    def __init__(self, offer: Offer, order: Order) -> None:
        self.offer, self.order = offer, order
        self.patience = max(order.policy.stall, offer.about.get("size", 0) / 100 / _SLOW_LINE)
        self.seen: t.Any = None
        self.since = time.monotonic()

    def __call__(self, operation: t.Mapping[str, t.Any]) -> None:
        if operation.get("status_code", 0) >= 200:
            return
        told = _told(operation)
        shown = re.sub(r":? \d+%", "", told) or "the server fetches it"
        self.order.progress(f"{self.offer.name}: {shown}", _fraction(told))
        pulse = told or _downloads(self.order.client)
        if pulse != self.seen:
            self.seen, self.since = pulse, time.monotonic()
        elif time.monotonic() - self.since >= self.patience:
            raise _Stalled(f"nothing came for {self.patience:.0f} s after {told!r}" if told else f"nothing came for {self.patience:.0f} s")


def _ended_well(offer: Offer, order: Order, operation: str, stall: Exception) -> bool:
    """Cancel a download, and see how it ends: False if it is over, True if it goes on nevertheless and the image is there now.

    :raises TransferFailed: when the server does not let go of it.
    """
    order.client.cancel(operation)
    begin = time.monotonic()
    while time.monotonic() < begin + max(_CANCEL, order.policy.stall):
        reply = order.client.get("operations", operation)
        if reply and reply.metadata.get("status") == "Failure":
            return False
        if offer.fingerprint and order.client.get("images", offer.fingerprint) is not None:
            return True
        order.policy.check(offer.name)
        time.sleep(0.1 if time.monotonic() < begin + _CANCEL else 1.0)
    raise TransferFailed(
        f"The server began to fetch {offer.name}, {stall}, and it does not let go of that download, during which the image cannot be "
        "imported in any way; restart the server, or wait until the connection is gone, and use transfer: relay",
        operation=operation,
    )


def _told(operation: t.Mapping[str, t.Any]) -> str:
    """Such as ``rootfs: 51% (12.30MB/s)``."""
    about = operation.get("metadata") or {}
    return next((str(value) for key, value in about.items() if key.endswith("_progress")), "")


def _fraction(told: str) -> float | None:
    match = re.search(r"(\d+)%", told)
    return int(match[1]) / 100 if match else None


def _downloads(client: Client) -> tuple[str, ...]:
    """How far all downloads of the server are that tell it."""
    return tuple(sorted(told for operation in client.operations() if operation["status"] == "Running" and (told := _told(operation))))


# --- what others did


def await_whole(client: Client, fingerprint: str, policy: Policy) -> bool:
    """Whether somebody else's import has left a whole image; one without files is removed, so that it can come anew."""
    end = time.monotonic() + policy.stall
    while client.get("images", fingerprint) is None:
        policy.check(f"image {fingerprint[:12]}")
        if time.monotonic() > end:
            return False
        time.sleep(0.25)
    if has_files(client, fingerprint):
        return True
    remove(client, fingerprint)
    return False


def has_files(client: Client, fingerprint: str) -> bool:
    """False if the server has a record of the image, and says that there are no files to it. Costs 2 ms."""
    try:
        # The answer begins to come, and is left alone.
        client.download(Request("GET", ("images", fingerprint, "export"))).close()
        return True
    except Refused as refusal:
        return "no such file or directory" not in str(refusal)


def remove(client: Client, fingerprint: str) -> None:
    """That it is gone already is as good."""
    with contextlib.suppress(NotFound):
        client.send(Request("DELETE", ("images", fingerprint)))


def publish(source: t.Mapping[str, t.Any], order: Order) -> tuple[str, bool]:
    """An image made of an instance or a snapshot: its fingerprint, and whether there was none like it before.

    ``source``: ``type``, ``name``, ``compression_algorithm``.
    """
    client, body = order.client, dict(source)
    compression = body.pop("compression_algorithm", None)
    request = Request("POST", ("images",), {"source": body, **({"compression_algorithm": compression} if compression else {})})

    def tell(operation: t.Mapping[str, t.Any]) -> None:
        order.progress(f"{source['name']}: {_told(operation) or 'being published'}", _fraction(_told(operation)))

    try:
        reply = client.send(request, _left(order.policy), tell)
    except AlreadyExists as exists:
        same = re.search(r"\b[0-9a-f]{64}\b", str(exists))
        if not same:
            raise
        return same[0], False
    fingerprint = (reply.metadata or {}).get("fingerprint")
    if not fingerprint:
        raise LxdError(f"The server published {source['name']} and did not tell the fingerprint", request=str(request))
    return fingerprint, True


def _left(policy: Policy) -> float | None:
    return None if policy.deadline is None else max(1.0, policy.deadline - time.monotonic())
