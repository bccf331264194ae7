# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.loader import become_loader, shell_loader

from ansible_collections.fleet.lxd.plugins.plugin_utils._become import Dialogue


def become(name: str, password: str | None) -> t.Any:
    plugin = become_loader.get(name)
    plugin.set_options(direct={"become_pass": password, "become_user": "root"})
    plugin.build_become_command("id", shell_loader.get("sh"))
    return plugin


def marked(plugin: t.Any, output: bytes = b"") -> bytes:
    return plugin.success.encode() + b"\n" + output


def test_without_become() -> None:
    dialogue = Dialogue(None, b"data", 1)
    assert list(dialogue.stdin()) == [b"data"]
    dialogue.stdout.extend(b"out")
    dialogue.stderr.extend(b"Sorry, try again.")
    assert dialogue.judged() == (b"out", b"Sorry, try again.")


def test_a_password_that_is_asked_for() -> None:
    plugin = become("sudo", "secret")
    dialogue = Dialogue(plugin, b"data", 5)
    talk = dialogue.stdin()
    assert next(talk) == b""
    dialogue.stderr.extend(plugin.prompt.encode())
    assert next(talk) == b"secret\n"
    assert next(talk) == b""
    dialogue.stderr.extend(b"\n")
    dialogue.stdout.extend(marked(plugin, b"0\n"))
    assert list(talk) == [b"data"]
    assert dialogue.judged() == (b"0\n", b"")


def test_a_password_that_is_not_asked_for() -> None:
    plugin = become("sudo", "secret")
    dialogue = Dialogue(plugin, b"data", 5)
    dialogue.stdout.extend(marked(plugin, b"0\n"))
    assert list(dialogue.stdin()) == [b"data"]


def test_a_prompt_in_another_language() -> None:
    plugin = become("su", "secret")
    dialogue = Dialogue(plugin, b"", 5)
    talk = dialogue.stdin()
    dialogue.stderr.extend(b"Passwort: ")
    assert next(talk) == b"secret\n"


def test_a_wrong_password() -> None:
    plugin = become("sudo", "wrong")
    dialogue = Dialogue(plugin, b"", 5)
    talk = dialogue.stdin()
    dialogue.stderr.extend(plugin.prompt.encode())
    assert next(talk) == b"wrong\n"
    dialogue.stderr.extend(b"\nSorry, try again.\n" + plugin.prompt.encode())
    with pytest.raises(AnsibleError, match="Incorrect sudo password"):
        next(talk)


def test_a_refusal_that_ends_the_command() -> None:
    plugin = become("su", "wrong")
    dialogue = Dialogue(plugin, b"", 5)
    dialogue.stderr.extend(b"Password: \nsu: Authentication failure\n")
    with pytest.raises(AnsibleError, match="Incorrect su password"):
        dialogue.judged()


def test_a_password_that_is_missing() -> None:
    plugin = become("sudo", None)
    dialogue = Dialogue(plugin, b"data", 5)
    assert list(dialogue.stdin()) == [b"data"]
    dialogue.stderr.extend(b"sudo: a password is required\n")
    with pytest.raises(AnsibleError, match="Missing sudo password"):
        dialogue.judged()


def test_the_words_of_the_command_itself_do_not_count() -> None:
    plugin = become("sudo", None)
    dialogue = Dialogue(plugin, b"", 5)
    dialogue.stdout.extend(marked(plugin, b"out\n"))
    dialogue.stderr.extend(b"sudo: a password is required\n")
    assert dialogue.judged() == (b"out\n", b"sudo: a password is required\n")


def test_a_prompt_that_never_comes() -> None:
    dialogue = Dialogue(become("sudo", "secret"), b"", 0.0)
    with pytest.raises(AnsibleConnectionFailure, match="sudo did not show its prompt for the password within 0 seconds"):
        list(dialogue.stdin())
