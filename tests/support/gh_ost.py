"""A stand-in for gh-ost, which takes its documented flags and changes a table by a copy.

The environment decides what it does besides: ``GH_OST_TEST`` is ``fail`` (nothing done), ``late`` (it fails with the new table in
place), ``noop`` (it reports a success and does nothing) or ``wait`` (it waits beside the copy until it gets a signal, and cleans
up; ``die``: without); ``GH_OST_LOG`` names a file for its arguments and what it read.
"""

from __future__ import annotations

import argparse
import configparser
import json
import os
import signal
import stat
import sys
import time
from types import FrameType

import pymysql

FLAGS = ("conf", "host", "port", "ssl", "ssl-ca", "ssl-cert", "ssl-key", "database", "table", "alter")
SWITCHES = ("allow-on-master", "ok-to-drop-table", "verbose", "execute")


def main() -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for flag in FLAGS:
        parser.add_argument(f"--{flag}", required=flag in ("conf", "host", "port", "database", "table", "alter"))
    for switch in SWITCHES:
        parser.add_argument(f"--{switch}", action="store_true")
    flags, task = parser.parse_args(), os.environ.get("GH_OST_TEST", "")
    conf = configparser.RawConfigParser(strict=True)
    conf.read(flags.conf)
    login = {key: value.strip('"') for key, value in conf["client"].items()}
    mode = stat.S_IMODE(os.stat(flags.conf).st_mode)
    with open(os.environ["GH_OST_LOG"], "a") as log:
        log.write(
            json.dumps({"argv": sys.argv[1:], "conf": sorted(login), "mode": f"{mode:o}", "pid": os.getpid()}) + "\n"
        )
    print(f"INFO starting gh-ost with the password {login['password']}", flush=True)
    if task == "fail" or not flags.execute:
        print("FATAL nothing was done", file=sys.stderr)
        return 1
    if task == "noop":
        return 0
    connection = pymysql.connect(
        host=flags.host, port=int(flags.port), user=login["user"], password=login["password"],
        database=flags.database, autocommit=True,
    )  # fmt: skip
    with connection.cursor() as cursor:
        change(cursor, flags.table, flags.alter, task)
    if task == "late":
        print("FATAL the new table is in place, and then something went wrong", flush=True)
        return 3
    return 0


def change(cursor: pymysql.cursors.Cursor, table: str, alter: str, task: str) -> None:
    ghost, old = f"`_{table}_gho`", f"`_{table}_del`"
    cursor.execute(f"CREATE TABLE {ghost} LIKE `{table}`")
    cursor.execute(f"ALTER TABLE {ghost} {alter}")
    if task in ("wait", "die"):
        wait(cursor, ghost, clean=task == "wait")
    cursor.execute(f"SELECT * FROM `{table}` LIMIT 0")
    former = [column[0] for column in cursor.description]
    cursor.execute(f"SELECT * FROM {ghost} LIMIT 0")
    columns = ", ".join(f"`{column[0]}`" for column in cursor.description if column[0] in former)
    cursor.execute(f"INSERT IGNORE INTO {ghost} ({columns}) SELECT {columns} FROM `{table}`")
    cursor.execute(f"RENAME TABLE `{table}` TO {old}, {ghost} TO `{table}`")
    cursor.execute(f"DROP TABLE {old}")


def wait(cursor: pymysql.cursors.Cursor, ghost: str, *, clean: bool) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        if clean:
            cursor.execute(f"DROP TABLE {ghost}")
        print(f"FATAL ended by {signal.Signals(number).name}", flush=True)
        sys.exit(2)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    print("INFO copying", flush=True)
    while True:
        time.sleep(0.2)
        print("INFO still copying", flush=True)


if __name__ == "__main__":
    sys.exit(main())
