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
import re
import tempfile
import time
import typing as t

from ._client import Client
from ._errors import AlreadyExists, LxdError, NotAuthorized, NotFound, OperationFailed, Refused, TimedOut, TransferFailed, Unreachable
from ._image_files import Upload
from ._image_sources import Offer
from ._messages import Request
from ._transfer import Policy, Progress

# How long a server takes to tell that a cancelled download is really over; it forgets operations after 5 s.
_CANCEL = 3.0
# Of a download the server tells each per cent. Slower than this many bytes a second, and a per cent may take longer than ``stall``.
_SLOW_LINE = 16 * 1024
# How often an import is begun anew because of what others did to the same image.
_COLLISIONS = 4


@dataclasses.dataclass(frozen=True)
class Arrival:
    """An image is on the server. ``transfer``: ``pull``, ``relay`` or ``upload``; ``received`` counts the bytes that we fetched."""

    fingerprint: str
    transfer: str
    received: int = 0
    attempts: int = 1


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
            fingerprint = offer.fingerprint
            if fingerprint and await_whole(order.client, fingerprint, order.policy):
                return Arrival(fingerprint, order.ways[0], attempts=collision + 1)
    raise TransferFailed(f"{offer.name}: others import the same image at the same time, and their imports and ours undo each other")


def _bring(offer: Offer, order: Order) -> Arrival:
    if offer.local:
        return _relay(offer, order, "upload")
    for way in order.ways[:-1]:
        try:
            return _go(way, offer, order)
        except (_Stalled, OperationFailed, NotFound) as failure:
            order.warn(f"The server could not fetch {offer.name} by itself ({failure}); it is relayed instead")
    return _go(order.ways[-1], offer, order)


def _go(way: str, offer: Offer, order: Order) -> Arrival:
    return _pull(offer, order) if way == "pull" else _relay(offer, order, "relay")


# --- we fetch, and upload


def _relay(offer: Offer, order: Order, name: str) -> Arrival:
    with tempfile.TemporaryDirectory(prefix="fleet-lxd-image-", dir=order.directory) as directory:
        delivery = offer.relay(directory, order.policy, order.progress)
        if name == "relay" and order.client.get("images", delivery.fingerprint) is not None:
            return Arrival(delivery.fingerprint, name, delivery.received, delivery.attempts)
        upload = Upload(delivery.files, lambda text, fraction: order.progress(f"{offer.name}: {text}", fraction))
        _upload(upload, delivery.fingerprint, order)
        return Arrival(delivery.fingerprint, name, delivery.received, max(1, delivery.attempts))


def _upload(upload: Upload, fingerprint: str, order: Order) -> None:
    """Sent again after a break only when the server does not have it: it knows the image by its content."""
    client, prefix = order.client, order.client.header_prefix
    headers = {
        "Content-Type": upload.content_type,
        f"{prefix}fingerprint": fingerprint,
        f"{prefix}filename": upload.files.metadata.name,
    }
    for left in range(order.policy.retries, -1, -1):
        try:
            client.send(Request("POST", ("images",), content=upload, headers=headers), _left(order.policy))
            return
        except Unreachable:
            if not left:
                raise
            time.sleep(1)
            if client.get("images", fingerprint) is not None:
                return


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
        _give_up(offer, order, operation["id"], stall)
        raise
    except TimedOut:
        order.client.cancel(operation["id"])
        raise
    except AlreadyExists:
        raise
    except Refused as refusal:
        raise OperationFailed(f"The server could not fetch {offer.name}: {refusal}", **refusal.facts) from None
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
        self.order.progress(f"{self.offer.name}: {told or 'the server fetches it'}", _fraction(told))
        pulse = told or _downloads(self.order.client)
        if pulse != self.seen:
            self.seen, self.since = pulse, time.monotonic()
        elif time.monotonic() - self.since >= self.patience:
            raise _Stalled(f"nothing came for {self.patience:.0f} s after {told!r}" if told else f"nothing came for {self.patience:.0f} s")


def _give_up(offer: Offer, order: Order, operation: str, stall: Exception) -> None:
    """Return when the download is over. :raises TransferFailed: when the server does not let go of it."""
    order.client.cancel(operation)
    end = time.monotonic() + _CANCEL
    while time.monotonic() < end:
        reply = order.client.get("operations", operation)
        if reply is None or reply.metadata.get("status") == "Failure":
            return
        time.sleep(0.1)
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
    by_status = client.send(Request("GET", ("operations",), query={"recursion": "1"})).metadata or {}
    return tuple(sorted(_told(operation) for operation in by_status.get("running", ()) if _told(operation)))


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
    with contextlib.suppress(NotFound, OperationFailed):
        client.send(Request("DELETE", ("images", fingerprint)))
    return False


def has_files(client: Client, fingerprint: str) -> bool:
    """Whether the server can read the image. Its answer begins to come, and is left alone."""
    try:
        client.download(Request("GET", ("images", fingerprint, "export"))).close()
        return True
    except NotAuthorized:
        raise
    except Refused:
        return False


def publish(source: t.Mapping[str, t.Any], order: Order) -> Arrival:
    """A new image made of an instance or a snapshot. ``source``: ``type``, ``name``, ``compression_algorithm``."""
    client, body = order.client, dict(source)
    compression = body.pop("compression_algorithm", None)
    request = Request("POST", ("images",), {"source": body, **({"compression_algorithm": compression} if compression else {})})

    def tell(operation: t.Mapping[str, t.Any]) -> None:
        order.progress(f"{source['name']}: {_told(operation) or 'being published'}", _fraction(_told(operation)))

    reply = client.send(request, _left(order.policy), tell)
    fingerprint = (reply.metadata or {}).get("fingerprint")
    if not fingerprint:
        raise LxdError(f"The server published {source['name']} and did not tell the fingerprint", request=str(request))
    return Arrival(fingerprint, "publish")


def _left(policy: Policy) -> float | None:
    return None if policy.deadline is None else max(1.0, policy.deadline - time.monotonic())
