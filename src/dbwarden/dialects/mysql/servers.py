"""Temporary MySQL and MariaDB servers: from the programs on this machine, or in a container."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

from dbwarden.core.archive import Command
from dbwarden.dialects.base.docker_server import DockerServer
from dbwarden.dialects.base.local_server import Instance, LocalServer, kill_by_pid_file, unsupported
from dbwarden.dialects.base.names import literal

NOT_DURABLE = {
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "innodb-doublewrite": "OFF",
    "skip-log-bin": "",
}
"""Settings that trade durability for speed, since the data is temporary; an empty value is an option without one."""
_SMALL = {
    "max-connections": "20",
    "innodb-buffer-pool-size": "32M",
    "key-buffer-size": "1M",
    "performance-schema": "OFF",
    "loose-innodb-redo-log-capacity": "16M",  # MySQL
    "loose-innodb-log-file-size": "16M",  # MariaDB
    "loose-aria-pagecache-buffer-size": "8M",
    "loose-mysqlx": "OFF",  # a second port
}
_USER = "root"
_DATABASE = "scratch"
_FIRST_STATEMENTS = "first.sql"

# -- local servers ------------------------------------------------------------------------------------------------


def _files(instance: Instance) -> Mapping[str, str]:
    """The statements that a server runs when it starts, one a line."""
    lines = [f"CREATE DATABASE IF NOT EXISTS {_DATABASE}"]
    for host in ("localhost", "127.0.0.1") if instance.password else ():
        account = f"'{_USER}'@'{host}'"
        lines.append(f"CREATE USER IF NOT EXISTS {account}")
        lines.append(f"ALTER USER {account} IDENTIFIED BY {literal(instance.password)}")
        lines.append(f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION")
    return {_FIRST_STATEMENTS: "".join(f"{line};\n" for line in lines)}


def _initialize_mysql(instance: Instance) -> Iterator[Command]:
    yield Command(_command(instance, "mysqld", {"initialize-insecure": ""}))


def _initialize_mariadb(instance: Instance) -> Iterator[Command]:
    """Run the scripts of the system tables, as ``mariadb-install-db`` does, which looks for them at fixed places."""
    texts = ["CREATE DATABASE mysql;\nUSE mysql;\n"]
    for name in ("system_tables", "performance_tables", "system_tables_data"):
        scripts = [path for pattern in _SCRIPTS for path in instance.programs.parent.glob(pattern.format(name))]
        if not scripts:
            raise unsupported(LOCAL_SERVERS["mariadb"], f"the script mariadb_{name}.sql is missing")
        texts.append(scripts[0].read_text(encoding="utf-8"))
    instance.data.mkdir(mode=0o700)
    instance.account.own(instance.data)
    settings = {"bootstrap": "", "skip-grant-tables": ""}
    yield Command(_command(instance, "mariadbd", settings), stdin="\n".join(texts))


_SCRIPTS = tuple(
    f"{folder}/{prefix}_{{}}.sql"
    for folder in ("share/mariadb", "share/mysql", "share", "scripts")
    for prefix in ("mariadb", "mysql")
)


def _start(program: str, instance: Instance) -> tuple[str, ...]:
    listen = {"bind-address": "127.0.0.1", "port": str(instance.port)} if instance.port else {"skip-networking": ""}
    first = {"init-file": str(instance.folder / _FIRST_STATEMENTS), "socket": str(_socket(instance))}
    return _command(instance, program, {"skip-name-resolve": "", **listen, **first})


def _command(instance: Instance, program: str, settings: Mapping[str, str]) -> tuple[str, ...]:
    folders = {
        "basedir": instance.programs.parent, "datadir": instance.data, "tmpdir": instance.folder,
        "pid-file": _pid_file(instance),
    }  # fmt: skip
    # The folder that a distribution's package sets for LOAD DATA may not exist, which only MySQL insists on.
    only = {"secure-file-priv": "NULL"} if program == "mysqld" else {}
    options = {**folders, **only, **NOT_DURABLE, **_SMALL, **instance.settings, **settings}
    words = (f"--{name}={value}" if value else f"--{name}" for name, value in options.items())
    return instance.program(program), "--no-defaults", *words


def _as_root(folder: Path) -> Mapping[str, str]:
    """Root has to say that it means to run one, which then reads and writes files in its own folder only."""
    return {"user": "root", "secure-file-priv": str(folder)}


def _socket(instance: Instance) -> Path:
    return instance.folder / "socket"


def _pid_file(instance: Instance) -> Path:
    return instance.folder / "pid"


def _listening(instance: Instance) -> bool:
    """Whether somebody listens: PyMySQL leaves a socket open where nobody does."""
    if instance.port:
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(_socket(instance)))
        except OSError:
            return False
    return True


def _stop(instance: Instance) -> tuple[str, ...]:
    # There is no program for this: ``mysqladmin`` belongs to the clients, and saves the data.
    return kill_by_pid_file(_pid_file(instance))


def _url(flavour: str, instance: Instance) -> str:
    if instance.port:
        return _at(flavour, f"127.0.0.1:{instance.port}", instance.password)
    return f"{_at(flavour, 'localhost', instance.password)}?unix_socket={quote(str(_socket(instance)))}"


def _at(flavour: str, address: str, password: str) -> str:
    return f"{flavour}://{_USER}{f':{password}' if password else ''}@{address}/{_DATABASE}"


_PLACES = (
    "/usr/sbin",  # Debian, Alpine
    "/usr/libexec",  # Red Hat
    "/usr/bin",  # Arch
)

LOCAL_SERVERS: Mapping[str, LocalServer] = {
    "mysql": LocalServer(
        product="MySQL",
        programs=("mysqld",),
        places=(*_PLACES, "/opt/homebrew/opt/mysql*/bin", "/usr/local/opt/mysql*/bin", "/usr/local/mysql/bin"),
        # MariaDB has a program of this name too.
        version_pattern=r"Ver (\d+(?:\.\d+)+)(?![-.\w]*MariaDB)",
        oldest=(8, 0),
        accounts=("mysql",),
        root_settings=_as_root,
        files=_files,
        initialize=_initialize_mysql,
        start=partial(_start, "mysqld"),
        url=partial(_url, "mysql"),
        stop=_stop,
        listening=_listening,
    ),
    "mariadb": LocalServer(
        product="MariaDB",
        programs=("mariadbd",),
        places=(*_PLACES, "/opt/homebrew/opt/mariadb*/bin", "/usr/local/opt/mariadb*/bin", "/usr/local/mysql/bin"),
        version_pattern=r"Ver (\d+(?:\.\d+)+)",
        oldest=(10, 6),
        accounts=("mysql",),
        root_settings=_as_root,
        files=_files,
        initialize=_initialize_mariadb,
        start=partial(_start, "mariadbd"),
        url=partial(_url, "mariadb"),
        stop=_stop,
        listening=_listening,
    ),
}
"""Local servers by flavour."""


# -- containers ---------------------------------------------------------------------------------------------------


def _environment(prefix: str, allow_empty: str, password: str) -> Mapping[str, str]:
    access = {f"{prefix}_ROOT_PASSWORD": password} if password else {f"{prefix}_{allow_empty}": "yes"}
    return {f"{prefix}_DATABASE": _DATABASE, **access}


DOCKER_SERVERS: Mapping[str, DockerServer] = {
    "mysql": DockerServer(
        image="mysql",
        version=(8, 4),
        port=3306,
        environment=partial(_environment, "MYSQL", "ALLOW_EMPTY_PASSWORD"),
        url=partial(_at, "mysql"),
    ),
    "mariadb": DockerServer(
        image="mariadb",
        version=(10, 11),
        port=3306,
        environment=partial(_environment, "MARIADB", "ALLOW_EMPTY_ROOT_PASSWORD"),
        url=partial(_at, "mariadb"),
    ),
}
"""Containers by flavour."""
