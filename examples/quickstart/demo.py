"""The main job, start to end, on embedded SQLite, in a temporary copy of this folder:

init, make-migrations, migrate, change a model, make-migrations, migrate, status, history, check-db, rollback, migrate.

Prints every command, the SQL files and the output; ends with the exit code of the first step that fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DBWARDEN = Path(sys.executable).parent / "dbwarden"

# The change of mind after the first release: posts know when they were published, titles are unique per author.
CHANGES = {
    "    body: Mapped[str] = mapped_column(Text)\n": (
        "    body: Mapped[str] = mapped_column(Text)\n    published_at: Mapped[datetime | None]\n"
    ),
    '    __table_args__ = (Index("ix_posts_author_status", "author_id", "status"),)\n': (
        "    __table_args__ = (\n"
        '        Index("ix_posts_author_status", "author_id", "status"),\n'
        '        UniqueConstraint("author_id", "title"),\n'
        "    )\n"
    ),
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="dbwarden-demo-") as temporary:
        project = Path(temporary) / "quickstart"
        shutil.copytree(HERE, project, ignore=shutil.ignore_patterns("demo.py", "__pycache__", "*.db", "migrations"))
        demonstrate(project)
    say("Everything above ran in a temporary folder, which is gone now.")


def demonstrate(project: Path) -> None:
    say(f"A SQLAlchemy application: {', '.join(sorted(str(p.relative_to(project)) for p in project.rglob('*.py')))}")
    dbwarden(project, "init")
    dbwarden(project, "make-migrations", "blog")
    show_newest(project)
    dbwarden(project, "migrate")

    say("The models change: posts get published_at, and titles become unique per author.")
    change_models(project / "app" / "models.py")
    dbwarden(project, "make-migrations", "publication date and unique titles")
    show_newest(project)
    dbwarden(project, "migrate")

    dbwarden(project, "status")
    dbwarden(project, "history")
    dbwarden(project, "check-db")

    say("And back, and forth again.")
    dbwarden(project, "rollback")
    dbwarden(project, "migrate")
    dbwarden(project, "status")


def dbwarden(project: Path, *arguments: str) -> None:
    shown = " ".join(f'"{word}"' if " " in word else word for word in arguments)
    print(f"\n$ dbwarden {shown}", flush=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DBWARDEN_")}
    done = subprocess.run([str(DBWARDEN), *arguments], cwd=project, env=environment, check=False)
    if done.returncode != 0:
        say(f"`dbwarden {shown}` ended with exit code {done.returncode}.")
        raise SystemExit(done.returncode)


def show_newest(project: Path) -> None:
    file = max((project / "migrations" / "primary").glob("*.sql"))
    print(f"\n$ cat {file.relative_to(project)}")
    print("".join(f"    {line}\n" for line in file.read_text().splitlines()), end="", flush=True)


def change_models(file: Path) -> None:
    text = file.read_text()
    for before, after in CHANGES.items():
        if text.count(before) != 1:
            raise SystemExit(f"{file.name} has changed: the demo does not find {before!r} once")
        text = text.replace(before, after)
    file.write_text(text)


def say(text: str) -> None:
    print(f"\n# {text}", flush=True)


if __name__ == "__main__":
    main()
