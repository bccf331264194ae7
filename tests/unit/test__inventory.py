# Copyright: (c) 2026, The fleet.lxd developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import sys
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.template import is_trusted_as_template, trust_as_template

from ansible_collections.fleet.lxd.plugins.inventory import lxd
from ansible_collections.fleet.lxd.plugins.module_utils import _errors as errors
from ansible_collections.fleet.lxd.plugins.module_utils._messages import Reply, Request
from ansible_collections.fleet.lxd.plugins.plugin_utils import _groupby, _inventory

SPECIFIC = yaml.safe_load(lxd.DOCUMENTATION)["options"]
CONSTRUCTED = {"compose": {}, "groups": {}, "keyed_groups": [], "use_extra_vars": False, "leading_separator": True, "cache": False}
DEFAULTS = {**{name: option.get("default") for name, option in SPECIFIC.items()}, **CONSTRUCTED}


def instance(name: str, status: str = "Stopped", **fields: t.Any) -> dict[str, t.Any]:
    return {
        "name": name,
        "project": "default",
        "status": status,
        "type": "container",
        "architecture": "x86_64",
        "location": "none",
        "profiles": ["default"],
        "expanded_config": {"image.os": "Debian", "image.release": "bookworm", "user.role": "web", "volatile.uuid": "1"},
        "expanded_devices": {"eth0": {"type": "nic", "network": "br0"}},
        **fields,
    }


def state(**interfaces: list[str]) -> dict[str, t.Any]:
    def entry(address: str) -> dict[str, str]:
        return {"family": "inet6" if ":" in address else "inet", "address": address, "scope": "link" if "fe80" in address else "global"}

    return {"network": {name: {"type": "broadcast", "addresses": [entry(a) for a in listed]} for name, listed in interfaces.items()}}


class FakeServers:
    """What answers at each address: instances, their states by name, networks; or an error. Notes what is asked of it."""

    def __init__(self) -> None:
        self.instances: dict[str, list[dict[str, t.Any]] | Exception] = {}
        self.states: dict[str, t.Any] = {}
        self.networks: list[dict[str, t.Any]] = []
        self.extensions: set[str] = set()
        self.sent: list[str] = []

    def __call__(self, remote: t.Any) -> FakeClient:
        return FakeClient(self, remote)


class FakeClient:
    def __init__(self, servers: FakeServers, remote: t.Any) -> None:
        self.servers, self.remote = servers, remote

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def require_trust(self) -> None:
        self.servers.sent.append("GET /1.0")
        found = self.servers.instances[self.remote.url or self.remote.socket]
        if isinstance(found, Exception):
            raise found

    def has(self, extension: str) -> bool:
        return extension in self.servers.extensions

    def send(self, request: Request) -> Reply:
        self.servers.sent.append(str(request))
        if request.path == ("networks",):
            return Reply(self.servers.networks)
        found = self.servers.instances[self.remote.url or self.remote.socket]
        everywhere = "all-projects" in request.query
        return Reply([dict(each) for each in found if everywhere or each["project"] == request.query["project"]])  # type: ignore[union-attr]

    def get(self, *path: str, **query: str) -> Reply | None:
        self.servers.sent.append(str(Request("GET", path, query=query)))
        found = self.servers.states.get(path[1])
        if isinstance(found, Exception):
            raise found
        return None if found is None else Reply(found)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> FakeServers:
    fake = FakeServers()
    monkeypatch.setattr(_inventory, "Client", fake)
    return fake


@pytest.fixture
def here(tmp_path: pathlib.Path) -> str:
    """Path of a socket."""
    (tmp_path / "unix.socket").touch()
    return str(tmp_path / "unix.socket")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """No server and no certificate of this machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("LXD_URL", "INCUS_URL", "LXC_REMOTE", "INCUS_REMOTE", "LXD_CONF", "INCUS_CONF", "LXD_PROJECT", "INCUS_PROJECT"):
        monkeypatch.delenv(name, raising=False)


def trusted(value: t.Any) -> t.Any:
    """As it is read from a file of the user."""
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {key: trusted(each) for key, each in value.items()}
    return [trusted(each) for each in value] if isinstance(value, list) else value


class Listing:
    """The plugin's work on options: its hosts, groups and warnings."""

    def __init__(self, cached: dict[str, t.Any] | None = None, refresh: bool = False, **options: t.Any) -> None:
        self.warnings: list[str] = []
        self.data = InventoryData()
        plugin = lxd.InventoryModule()
        plugin.get_option = {**DEFAULTS, **trusted(options)}.get  # type: ignore[method-assign]
        plugin._read_config_data = lambda path: {}  # type: ignore[method-assign]
        plugin._cache = {} if cached is None else cached
        plugin.display = self
        plugin.parse(self.data, DataLoader(), "test.lxd.yml", cache=not refresh)

    def warning(self, text: str) -> None:
        self.warnings.append(text)

    @property
    def hosts(self) -> list[str]:
        return sorted(self.data.hosts)

    def vars(self, host: str) -> dict[str, t.Any]:
        return self.data.hosts[host].vars

    def group(self, name: str) -> list[str]:
        return sorted(host.name for host in self.data.groups[name].hosts)


@pytest.mark.parametrize("wrong", ["nowhere", {"url": "ftp://192.0.2.1"}, {"url": "https://192.0.2.1", "server_cert": "/gone"}])
def test_one_server_that_is_none_does_not_hide_the_others(servers: FakeServers, here: str, wrong: t.Any) -> None:
    servers.instances[here] = [instance("c1")]
    listing = Listing(remotes=[wrong, {"url": here}])
    assert listing.hosts == ["c1"] and len(listing.warnings) == 1
    assert listing.warnings[0].startswith("No instances from a server: ") and "is not valid" in listing.warnings[0]
    with pytest.raises(AnsibleParserError, match="is not valid"):
        Listing(remotes=[wrong, {"url": here}], strict=True)


def test_an_instance_as_a_host(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1", "Running", description="{{ 1 + 1 }}")]
    told = Listing(url=here).vars("c1")
    assert told["ansible_connection"] == "fleet.lxd.lxd"
    assert (told["ansible_lxd_host"], told["ansible_lxd_project"], told["ansible_lxd_url"]) == ("c1", "default", f"unix:{here}")
    assert (told["lxd_name"], told["lxd_status"], told["lxd_type"], told["lxd_os"]) == ("c1", "Running", "container", "Debian")
    assert told["lxd_config"] == {"user.role": "web"}
    assert (told["ansible_lxd_os"], told["ansible_lxd_state"], told["ansible_lxd_profile"]) == ("debian", "running", ["default"])
    assert told["lxd_description"] == "{{ 1 + 1 }}" and not is_trusted_as_template(told["lxd_description"])
    assert "ansible_host" not in told and "lxd_address" not in told and "ansible_lxd_location" not in told


def test_only_words_of_the_api_and_what_the_user_wrote_are_trusted(servers: FakeServers, here: str) -> None:
    config = {f"user.{index}": text for index, text in enumerate(("{{ x }}", "ansible_become_password", "x is defined", "1 == 1"))}
    servers.instances[here] = [instance("c1", expanded_config=config, profiles=["default", "web"])]
    told = Listing(url=here).vars("c1")
    assert told["lxd_config"] == config and not any(map(is_trusted_as_template, told["lxd_config"].values()))
    assert [is_trusted_as_template(name) for name in told["lxd_profiles"]] == [True, False]
    assert not any(is_trusted_as_template(told[name]) for name in ("lxd_name", "ansible_lxd_host"))
    words = ("lxd_status", "lxd_type", "lxd_architecture", "ansible_lxd_project", "ansible_lxd_state")
    assert all(is_trusted_as_template(told[name]) for name in (*words, "ansible_lxd_url", "ansible_connection"))


def test_states_are_asked_of_running_instances_only_if_wanted(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("on", "Running"), instance("off"), instance("lost", "Error")]
    servers.states["on"] = state(eth0=["10.0.0.5"])
    Listing(url=here)
    assert len(servers.sent) == 2
    told = Listing(url=here, compose={"address": "lxd_address"}).vars("on")
    assert servers.sent[2:] == ["GET /1.0", "GET /1.0/instances?project=default&recursion=1", "GET /1.0/instances/on/state?project=default"]
    assert told["address"] == "10.0.0.5"


def test_one_request_where_the_server_gives_the_addresses_with_the_list(servers: FakeServers, here: str) -> None:
    servers.extensions.add("instances_state_selective_recursion")
    servers.instances[here] = [instance("c1", "Running", state=state(eth0=["10.0.0.5", "fd00::5", "fe80::5"]))]
    told = Listing(url=here, addresses="always").vars("c1")
    assert servers.sent[1:] == ["GET /1.0/instances?project=default&recursion=2;fields=state.network"]
    assert (told["lxd_ipv4"], told["lxd_ipv6"]) == ({"eth0": ["10.0.0.5"]}, {"eth0": ["fd00::5"]})


@pytest.mark.parametrize("told", [None, errors.Refused("agent is not up", status=500)])
def test_an_instance_without_a_state_spoils_nothing(servers: FakeServers, here: str, told: t.Any) -> None:
    servers.instances[here] = [instance("gone", "Running"), instance("c1", "Running")]
    servers.states = {"gone": told, "c1": state(eth0=["10.0.0.5"])}
    listing = Listing(url=here, addresses="always")
    assert [listing.vars(name)["lxd_address"] for name in ("gone", "c1")] == [None, "10.0.0.5"]


def test_no_address_never_means_local(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1"), instance("c2", "Running")]
    servers.states["c2"] = state(docker0=["172.17.0.1"])
    listing = Listing(url=here, connection="ssh", address_interfaces=["eth*"])
    assert [listing.vars(name)["ansible_connection"] for name in ("c1", "c2")] == ["ssh", "ssh"]
    assert all("ansible_host" not in listing.vars(name) for name in ("c1", "c2"))
    assert "ansible_connection" not in Listing(url=here, connection="none").vars("c1")


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, "10.0.0.5"),
        ({"prefered_instance_network_interface": "enp"}, "10.9.0.5"),
        ({"prefered_instance_network_family": "inet6"}, "fd00::5"),
        ({"address_interfaces": ["docker0"]}, "172.17.0.1"),
        ({"address_interfaces": ["wg*", "enp*"]}, "10.9.0.5"),
        ({"address_interfaces": ["wg*"]}, None),
        ({"address_family": "ipv6", "address_interfaces": ["docker0", "eth0"]}, "fd00::5"),
        ({"address_family": "any", "address_interfaces": ["eth1", "eth0"]}, "fd01::5"),
        ({"address_networks": ["10.9.0.0/16"]}, "10.9.0.5"),
        ({"address_networks": ["192.0.2.0/24"]}, None),
    ],
)
def test_the_address_is_chosen(servers: FakeServers, here: str, options: dict[str, t.Any], address: str | None) -> None:
    servers.instances[here] = [instance("c1", "Running")]
    listed = {"docker0": ["172.17.0.1"], "enp5s0": ["10.9.0.5"], "eth0": ["10.0.0.5", "fd00::5"], "eth1": ["fd01::5"]}
    servers.states["c1"] = state(**listed)
    assert Listing(url=here, addresses="always", **options).vars("c1")["lxd_address"] == address


def test_all_projects_of_several_servers_at_once(servers: FakeServers, here: str) -> None:
    far = "https://192.0.2.1:8443"
    servers.instances = {here: [instance("a"), instance("b", project="blue")], far: [instance("c"), instance("d", project="red")]}
    listing = Listing(remotes=[{"url": here, "projects": "all"}, {"url": far, "projects": ["red"], "server_fingerprint": "a" * 64}])
    assert listing.hosts == ["a", "b", "d"]
    assert listing.vars("b")["ansible_lxd_project"] == "blue"
    assert (listing.vars("d")["ansible_lxd_url"], listing.vars("d")["ansible_lxd_server_fingerprint"]) == (far, "a" * 64)
    assert len(servers.sent) == 4


def test_a_named_remote_is_passed_on_by_its_name(servers: FakeServers, tmp_path: pathlib.Path) -> None:
    directory = tmp_path / ".config/lxc"
    directory.mkdir(parents=True)
    (directory / "config.yml").write_text("remotes: {far: {addr: 'https://192.0.2.1:8443', project: blue}}", encoding="utf-8")
    for name in ("other.crt", "other.key"):
        (tmp_path / name).touch()
    servers.instances["https://192.0.2.1:8443"] = [instance("c1", project="blue"), instance("c2")]
    assert Listing(remotes=["far"]).vars("c1")["ansible_lxd_remote"] == "far"
    told = Listing(remotes=[{"remote": "far", "client_cert": "~/other.crt", "client_key": "~/other.key"}]).vars("c1")
    assert (told["ansible_lxd_client_cert"], told["ansible_lxd_client_key"]) == (str(tmp_path / "other.crt"), str(tmp_path / "other.key"))
    assert told["ansible_lxd_url"] is None and told["lxd_remote"] == "far"


def test_one_dead_server_is_a_warning(servers: FakeServers, here: str) -> None:
    servers.instances = {here: [instance("c1")], "https://192.0.2.9:8443": errors.Unreachable("no answer from 192.0.2.9")}
    remotes = [{"url": here}, {"url": "https://192.0.2.9:8443"}]
    cached: dict[str, t.Any] = {}
    listing = Listing(cached, remotes=remotes, cache=True)
    assert listing.hosts == ["c1"]
    assert listing.warnings == ["No instances from a server: no answer from 192.0.2.9"]
    assert cached == {}
    with pytest.raises(AnsibleParserError, match="no answer from 192.0.2.9"):
        Listing(remotes=remotes, strict=True)


def test_only_dead_servers_are_an_error(servers: FakeServers) -> None:
    servers.instances = {f"https://192.0.2.{n}:8443": errors.Unreachable(f"no answer from {n}") for n in (8, 9)}
    with pytest.raises(AnsibleParserError, match="no answer from 8; no answer from 9"):
        Listing(remotes=[{"url": url} for url in servers.instances])


def test_a_missing_library_is_no_dead_server(servers: FakeServers, here: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_remote: t.Any) -> t.NoReturn:
        raise errors.MissingLibrary("pylxd")

    monkeypatch.setattr(_inventory, "Client", missing)
    with pytest.raises(AnsibleParserError, match="pylxd"):
        Listing(url=here)


def test_names_that_collide_are_told_apart(servers: FakeServers, here: str) -> None:
    far = "https://192.0.2.1:8443"
    servers.instances = {here: [instance("c1"), instance("c1", project="blue"), instance("c2")], far: [instance("c1")]}
    listing = Listing(remotes=[{"url": here, "projects": "all"}, {"url": far}])
    place = here.strip("/").replace("/", "-").replace("_", "-")
    assert listing.hosts == sorted(["c1.blue." + place, "c1.default." + place, "c1.default.192.0.2.1-8443", "c2"])
    assert {listing.vars(name)["ansible_lxd_host"] for name in listing.hosts} == {"c1", "c2"}
    assert len(listing.warnings) == 1 and "3 instances would be the host c1" in listing.warnings[0]


def test_a_server_that_is_named_twice_is_an_error(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1")]
    with pytest.raises(AnsibleParserError, match="2 instances would be the host c1"):
        Listing(remotes=[{"url": here}, {"url": f"unix:{here}"}])


def test_hosts_have_names_of_the_users_own(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1"), instance("c2", expanded_config={})]
    names = ["lxd_name ~ '.' ~ lxd_config['user.role'] ~ '.example.com'", "lxd_name ~ '.' ~ lxd_project"]
    listing = Listing(url=here, hostnames=names)
    assert listing.hosts == ["c1.web.example.com", "c2.default"]
    assert listing.vars("c1.web.example.com")["ansible_lxd_host"] == "c1"
    assert listing.warnings == []


def test_filters_and_constructed_groups(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1", "Running"), instance("c2", "Running", expanded_config={"user.role": "db"}), instance("c3")]
    listing = Listing(
        url=here,
        filters=["lxd_status == 'Running'"],
        groups={"webs": "lxd_config['user.role'] == 'web'"},
        keyed_groups=[{"key": "lxd_config['user.role']", "prefix": "role"}],
        compose={"where": "lxd_project ~ '/' ~ lxd_name"},
    )
    assert listing.hosts == ["c1", "c2"]
    assert (listing.group("webs"), listing.group("role_db")) == (["c1"], ["c2"])
    assert listing.vars("c2")["where"] == "default/c2"


def test_a_filter_that_fails_is_told_once(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1"), instance("c2")]
    listing = Listing(url=here, filters=["lxd_sttus == 'Running'"])
    assert listing.hosts == []
    assert len(listing.warnings) == 1 and "lxd_sttus" in listing.warnings[0]
    with pytest.raises(AnsibleParserError, match="lxd_sttus.* fails for c1"):
        Listing(url=here, filters=["lxd_sttus == 'Running'"], strict=True)


def test_state_is_the_status_and_not_what_was_before_a_crash(servers: FakeServers, here: str) -> None:
    crashed = instance("c1", "Error", expanded_config={"volatile.last_state.power": "RUNNING"})
    machine = instance("v1", "Running", type="virtual-machine")
    servers.instances[here] = [crashed, instance("c2", "Running"), machine, instance("c3")]
    assert Listing(url=here, state="RUNNING").hosts == ["c2", "v1"]
    assert Listing(url=here, state="STOPPED").hosts == ["c3"]
    assert Listing(url=here, state="RUNNING", type_filter="container").hosts == ["c2"]


@pytest.mark.parametrize(("plays", "connection", "loaded"), [(True, "fleet.lxd.lxd", 1), (False, "fleet.lxd.lxd", 0), (True, "ssh", 0)])
def test_the_connection_is_loaded_once_before_tasks_fork(
    servers: FakeServers, here: str, monkeypatch: pytest.MonkeyPatch, plays: bool, connection: str, loaded: int
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(_inventory.connection_loader, "get", lambda name, **_options: asked.append(name))
    modules = {name: module for name, module in sys.modules.items() if name != "ansible.executor.task_queue_manager"}
    monkeypatch.setattr(sys, "modules", {**modules, "ansible.executor.task_queue_manager": None} if plays else modules)
    servers.instances[here] = [instance("c1")]
    Listing(url=here, connection=connection)
    assert asked == ["fleet.lxd.lxd"] * loaded


def test_hostnames_that_two_instances_of_a_project_share(servers: FakeServers, here: str) -> None:
    config = {"user.fqdn": "web.example"}
    servers.instances[here] = [instance(name, expanded_config=config) for name in ("c1", "copy")]
    hosts = Listing(url=here, hostnames=["lxd_config['user.fqdn']"]).hosts
    assert [host.partition(".default.")[0] for host in hosts] == ["c1.web.example", "copy.web.example"]


def test_the_cache_of_other_options_is_not_read(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1", "Running"), instance("c2")]
    cached: dict[str, t.Any] = {}
    assert Listing(cached, url=here, cache=True).hosts == ["c1", "c2"]
    assert Listing(cached, url=here, cache=True, state="RUNNING").hosts == ["c1"]
    assert "lxd_ipv4" in Listing(cached, url=here, cache=True, state="RUNNING", compose={"a": "lxd_address"}).vars("c1")


def test_the_cache_of_another_certificate_is_not_read(servers: FakeServers, tmp_path: pathlib.Path) -> None:
    far, cached = "https://192.0.2.1:8443", dict[str, t.Any]()
    servers.instances[far] = [instance("c1")]
    for name in ("old", "new"):
        for path in (pair := [tmp_path / f"{name}.crt", tmp_path / f"{name}.key"]):
            path.touch()
        told = Listing(cached, url=far, client_cert=str(pair[0]), client_key=str(pair[1]), cache=True).vars("c1")
        assert told["ansible_lxd_client_cert"] == str(pair[0])


def test_a_cache_of_an_older_version_is_not_read(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1")]
    cached: dict[str, t.Any] = {}
    Listing(cached, url=here, cache=True)
    cached[next(iter(cached))] = [{"lxd_name": "old"}]
    assert Listing(cached, url=here, cache=True).hosts == ["c1"]


@pytest.mark.parametrize("name", ["localhost", "all", "ungrouped"])
def test_a_name_that_ansible_takes_for_another(servers: FakeServers, here: str, name: str) -> None:
    servers.instances[here] = [instance(name), instance("c1")]
    listing = Listing(url=here)
    (other,) = set(listing.hosts) - {"c1"}
    assert other.startswith(f"{name}.default.") and listing.vars(other)["ansible_lxd_host"] == name
    assert [warning for warning in listing.warnings if f"would be the host {name}, which Ansible takes for another" in warning]


def test_the_cache_is_read_and_refreshed(servers: FakeServers, here: str) -> None:
    servers.instances[here] = [instance("c1")]
    cached: dict[str, t.Any] = {}
    Listing(cached, url=here, cache=True)
    servers.instances[here] = [instance("c2")]
    assert Listing(cached, url=here, cache=True).hosts == ["c1"]
    assert Listing(cached, refresh=True, url=here, cache=True).hosts == ["c2"]
    assert Listing(cached, url=here, cache=True).hosts == ["c2"]


GROUPS = [
    ({"type": "location", "attribute": "Berlin"}, ["c1"]),
    ({"type": "network_range", "attribute": "10.0.0.0/8"}, ["c1"]),
    ({"type": "os", "attribute": "debian"}, ["c1", "c2"]),
    ({"type": "pattern", "attribute": "^c[2-9]"}, ["c2"]),
    ({"type": "profile", "attribute": "Big"}, ["c1"]),
    ({"type": "project", "attribute": "Blue"}, ["c2"]),
    ({"type": "release", "attribute": "bookworm"}, ["c1", "c2"]),
    ({"type": "type", "attribute": "virtual-machine"}, []),
    ({"type": "vlanid", "attribute": 666}, ["c1"]),
    ({"type": "vlanid", "attribute": 7}, ["c2"]),
]


@pytest.mark.parametrize(("wish", "members"), GROUPS)
def test_groupby(servers: FakeServers, here: str, wish: dict[str, t.Any], members: list[str]) -> None:
    tagged = {"eth0": {"type": "nic", "network": "br0", "vlan": "666"}}
    servers.networks = [{"name": "br0", "config": {"vlan": "7"}}, {"name": "lo", "config": {}}]
    servers.instances[here] = [
        instance("c1", "Running", location="Berlin", profiles=["default", "Big"], expanded_devices=tagged),
        instance("c2", location="Paris", project="Blue"),
    ]
    servers.states["c1"] = state(eth0=["10.0.0.5"])
    assert Listing(url=here, projects="all", groupby={"web_servers": wish}).group("web_servers") == members


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"type": "colour", "attribute": "red"}, "expected a type"),
        ({"type": "os"}, "and an attribute"),
        ("debian", "expected a type"),
        ({"type": "network_range", "attribute": "10.0.0.0/99"}, "expected a network"),
        ({"type": "pattern", "attribute": "("}, "expected a regular expression"),
    ],
)
def test_a_wrong_groupby_is_named(wish: t.Any, words: str) -> None:
    with pytest.raises(errors.InvalidOption, match=f"groupby.mine: .*{words}"):
        _groupby.tests({"mine": wish})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"remotes": [3]}, "remotes: 3 .*expected the name of a remote"),
        ({"remotes": [{"adress": "x"}]}, "remotes: .*adress.* is not valid"),
        ({"remotes": ["nowhere"]}, "remote: 'nowhere' .*no such remote"),
        ({"projects": 3}, "projects: 3 is not valid"),
        ({"projects": []}, r"projects: \[\] is not valid"),
        ({"address_networks": ["10/99"]}, "address_networks: '10/99'"),
    ],
)
def test_wrong_options_are_named(servers: FakeServers, here: str, options: dict[str, t.Any], words: str) -> None:
    servers.instances[here] = []
    with pytest.raises(AnsibleParserError, match=words):
        Listing(**{"url": None if "remotes" in options else here, **options})


@pytest.mark.parametrize(
    ("name", "ours"),
    [("lxd.yml", True), ("my.lxd.yaml", True), ("mylxd.yml", True), ("x.incus.yml", True), ("hosts.yml", False), ("lxd.ini", False)],
)
def test_the_names_of_its_files(tmp_path: pathlib.Path, name: str, ours: bool) -> None:
    (tmp_path / name).touch()
    assert lxd.InventoryModule().verify_file(str(tmp_path / name)) is ours
