"""Starts a private database server and prints its URL until Ctrl-C; with ``--ensure``, installs what tests need."""

from __future__ import annotations

import argparse
import signal

from tests.servers import PROGRAMS, Program, Unavailable, Vendor, session
from tests.servers.process import report


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument(
        "engine", nargs="?", choices=list(session.vendors()), help="start a private server and print its URL"
    )
    parser.add_argument("--ensure", action="store_true", help="install the servers that are missing (Debian, as root)")
    arguments = parser.parse_args()
    if arguments.ensure:
        return ensure()
    if arguments.engine is None:
        parser.error("which engine?")
    return serve(session.vendors()[arguments.engine])


def serve(vendor: Vendor) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with vendor.running() as server:
            print(server.root, flush=True)
            report(f"{vendor.NAME} {server.version}; Ctrl-C ends it and removes what it wrote")
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except Unavailable as reason:
        report(f"{vendor.NAME}: {reason}")
        return 1
    return 0


def ensure() -> int:
    """Always 0: a test that lacks its engine is skipped by name, and under ``CI=true`` pytest itself refuses."""
    programs: list[Program] = [*session.vendors().values(), *PROGRAMS.values()]
    for program in programs:
        try:
            source = program.find()
        except Unavailable as reason:
            if not program.install():
                report(f"{program.NAME}: {reason}")
                continue
            source = program.find()
        report(f"{program.NAME}: {source.kind}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
