# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One command in one or in many instances, and what came of it."""

from __future__ import annotations

import base64
import binascii
import concurrent.futures
import datetime
import posixpath
import typing as t

from ._channel import Channel, patiently
from ._errors import InvalidOption, LxdError, NotFound, NotRunning, TimedOut
from ._job import Context
from ._options import Remote
from ._resource import refuse_name
from ._users import find_group, find_user

# So many instances at once: a server of two cores is no faster with more.
_WIDTH = 8

Params = t.Mapping[str, t.Any]
Result = dict[str, t.Any]


def run(params: Params, context: Context) -> Result:
    """The task. One instance: its result. Many: ``results``, in the order of ``names``.

    :raises LxdError: naming the instances whose commands failed; every result is among its facts.
    """
    _verify(params)
    params = {**params, **{option: _absolute(option, params[option], params["cwd"]) for option in ("creates", "removes")}}
    remote = Remote.read(params.get)
    stdin = _stdin(params)
    if params["name"] is not None:
        return _judged(params["name"], _attempt(remote, params["name"], params, stdin, context.check))
    results = _all(remote, params, stdin, context)
    failed = [result["instance"] for result in results if result.get("failed")]
    changed = any(result["changed"] for result in results)
    if failed:
        first = next(result["msg"] for result in results if result.get("failed"))
        message = f"{len(failed)} of {len(results)} commands failed, in {', '.join(failed)}. {first}"
        raise LxdError(message, changed=changed, results=results)
    skipped = {"skipped": True} if results and all(result.get("skipped") for result in results) else {}
    return {"changed": changed, "results": results, **skipped}


def _verify(params: Params) -> None:
    """:raises InvalidOption: for what no command can be run with."""
    if params["timeout"] is not None and params["timeout"] <= 0:
        raise InvalidOption("timeout", params["timeout"], "expected a number of seconds above 0")
    if params["agent_timeout"] < 0:
        raise InvalidOption("agent_timeout", params["agent_timeout"], "expected 0 or more seconds")
    for option in ("creates", "removes"):
        if params[option] == "":
            raise InvalidOption(option, "", "expected a path in the instance")
    refuse_name("name", params["name"])
    for name in params["names"] or ():
        refuse_name("names", name)
    for key, value in (params["environment"] or {}).items():
        if not key or "=" in key:
            raise InvalidOption("environment", key, "expected the name of a variable")
        if isinstance(value, (list, dict)):
            raise InvalidOption(f"environment.{key}", value, "expected text, a number, a boolean, or null to leave it out")


def _absolute(option: str, path: str | None, cwd: str | None) -> str | None:
    """A path as the command sees it. :raises InvalidOption: if that depends on where it begins, which the server decides."""
    if path is None:
        return None
    absolute = posixpath.join(cwd or "", path)
    if not absolute.startswith("/"):
        raise InvalidOption(option, path, "expected an absolute path in the instance, or one relative to an absolute cwd")
    return absolute


def _all(remote: Remote, params: Params, stdin: bytes, context: Context) -> list[Result]:
    names = params["names"]
    with concurrent.futures.ThreadPoolExecutor(_WIDTH) as pool:
        running = [pool.submit(_attempt, remote, name, params, stdin, context.check) for name in names]
        for done, _future in enumerate(concurrent.futures.as_completed(running), 1):
            context.progress(f"commands ended in {done} of {len(names)} instances", done / len(names))
    return [future.result() for future in running]


def _judged(name: str, result: Result) -> Result:
    if not result.pop("failed", False):
        return result
    raise LxdError(result.pop("msg"), **result)


def _attempt(remote: Remote, name: str, params: Params, stdin: bytes, check: bool) -> Result:
    """The result for one instance; a failure is told in it."""
    with Channel(remote) as channel:
        try:
            return _in_instance(channel, name, params, stdin, check)
        except LxdError as error:
            return {"instance": name, "failed": True, "changed": isinstance(error, TimedOut), **error.facts, "msg": str(error)}


def _in_instance(channel: Channel, name: str, params: Params, stdin: bytes, check: bool) -> Result:
    common: Result = {"instance": name, "cmd": _argv(params)}
    reason = _needless(channel, name, params, check)
    if reason:
        output = _rendered(bytearray(reason.encode()), bytearray(), "text")
        return {**common, "changed": False, "rc": 0, "msg": reason, **output}
    if check:
        known = params["creates"] is not None or params["removes"] is not None
        return {**common, "changed": known, "rc": 0, "msg": "The command would have run", **({} if known else {"skipped": True})}
    outcome = {**common, **_outcome(channel, name, params, stdin), "changed": True}
    if outcome["rc"] != 0:
        outcome.update(failed=True, msg=f"The command ended with exit code {outcome['rc']} in instance {name}")
    return outcome


def _needless(channel: Channel, name: str, params: Params, check: bool) -> str | None:
    if params["creates"] is not None and _exists(channel, name, params["creates"], check):
        return f"skipped, since {params['creates']} exists"
    if params["removes"] is not None and not _exists(channel, name, params["removes"], check):
        return f"skipped, since {params['removes']} does not exist"
    return None


def _exists(channel: Channel, name: str, path: str, check: bool) -> bool:
    """In check mode an earlier task would have made or started the instance, or made its project: nothing is known to be in it."""
    try:
        return channel.exists(name, path)
    except (InvalidOption, NotFound, NotRunning):
        if not check:
            raise
        return False


def _outcome(channel: Channel, name: str, params: Params, stdin: bytes) -> Result:
    stdout, stderr = bytearray(), bytearray()
    start = datetime.datetime.now()

    def once() -> int:
        stdout.clear()
        stderr.clear()
        return channel.exec(
            name,
            _argv(params),
            **_identity(channel, name, params),
            cwd=params["cwd"],
            stdin=stdin,
            stdout=stdout.extend,
            stderr=stderr.extend,
            timeout=params["timeout"],
        )

    try:
        code = patiently(once, params["agent_timeout"])
    except LxdError as error:
        error.facts.update(_rendered(stdout, stderr, params["encoding"]))
        raise
    end = datetime.datetime.now()
    times = {"start": str(start), "end": str(end), "delta": str(end - start)}
    return {"rc": code, **_rendered(stdout, stderr, params["encoding"]), **times}


def _identity(channel: Channel, name: str, params: Params) -> dict[str, t.Any]:
    """``environment``, ``user`` and ``group`` of a command."""
    environment = {key: _text(value) for key, value in (params["environment"] or {}).items() if value is not None}
    group = None if params["group"] is None else find_group(channel, name, params["group"])
    if params["user"] is None:
        return {"environment": environment, "user": None, "group": group}
    user = find_user(channel, name, params["user"])
    own = {"HOME": user.home, "USER": user.name, "LOGNAME": user.name} if user.uid else {}
    return {"environment": {**own, **environment}, "user": user.uid, "group": user.gid if group is None else group}


def _text(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _argv(params: Params) -> list[str]:
    """:raises InvalidOption: for a command of nothing, which a shell would do with success."""
    for option in ("argv", "cmd"):
        if params[option] is not None and not params[option]:
            raise InvalidOption(option, params[option], "expected a command to run")
    return list(params["argv"]) if params["argv"] else [params["executable"], "-c", params["cmd"]]


def _stdin(params: Params) -> bytes:
    text = params["stdin"]
    if text is None:
        return b""
    if params["encoding"] == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidOption("stdin", text[:40], "with encoding=base64 it has to be base64") from None
    newline = "\n" if params["stdin_add_newline"] and not text.endswith("\n") else ""
    return (text + newline).encode(errors="surrogateescape")


def _rendered(stdout: bytearray, stderr: bytearray, encoding: str) -> Result:
    result: Result = {}
    for name, data in (("stdout", stdout), ("stderr", stderr)):
        if encoding == "base64":
            result[name] = base64.b64encode(data).decode()
            continue
        text = data.decode(errors="replace")
        result[name] = text.rstrip("\r\n")
        result[f"{name}_lines"] = result[name].splitlines()
    return result
