"""A project whose primary database is PostgreSQL, MySQL or MariaDB and whose dev database is a SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dbwarden
from dbwarden.api.comparison import CompareOptions
from tests.support.dump import dump

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
"""A primary server that cannot be reached: whoever asks it fails."""


def nowhere(engine: str) -> str:
    """A server of another engine that cannot be reached."""
    return NOWHERE.replace("postgresql", engine)


class DevProject:
    """``models`` puts the models of the next step in place; files and databases stay."""

    def __init__(self, folder: Path, url: str = NOWHERE) -> None:
        self.folder, self.url, self.step = folder, url, 0
        self.engine = url.partition(":")[0].partition("+")[0]
        folder.mkdir(parents=True, exist_ok=True)
        self.dev_path = folder / "development.db"

    @property
    def config(self) -> str:
        return str(self.folder / "warden.py")

    @property
    def dev_url(self) -> str:
        return f"sqlite:///{self.dev_path}"

    @property
    def state(self) -> Path:
        return self.folder / ".dbwarden" / "primary" / "model_state.json"

    def configure(self, models: str, url: str | None = None) -> None:
        self.url = url or self.url
        (self.folder / "warden.py").write_text(
            "from dbwarden import database_config\n"
            f'primary = database_config(database_name="primary", default=True, database_type="{self.engine}",\n'
            f'    database_url_sync="{self.url}", dev_database_type="sqlite",\n'
            f'    dev_database_url="{self.dev_url}", model_paths=["{models}"])\n'
        )

    def models(self, source: str) -> None:
        self.step += 1
        name = f"models_{self.step}.py"
        (self.folder / name).write_text(source)
        self.configure(name)

    def generate(
        self,
        name: str | None = "change",
        *,
        dev: bool = True,
        strict: bool = False,
        proof: bool | None = False,
        **options: Any,
    ) -> Any:
        compare = CompareOptions(dev=dev, strict_translation=strict, **options)
        return dbwarden.make_migrations(name=name, config=self.config, options=compare, proof=proof)

    def diff(self, *, dev: bool = True) -> Any:
        return dbwarden.diff(config=self.config, options=CompareOptions(dev=dev))

    def migrate(self, *, dev: bool = True, **options: Any) -> Any:
        migrate = dbwarden.MigrateOptions(dev=dev, force=True, **options)
        return dbwarden.migrate(config=self.config, options=migrate)

    def rollback(self, *, dev: bool = True, to: str = "0", **options: Any) -> Any:
        return dbwarden.rollback(
            config=self.config, to_version=to, options=dbwarden.RollbackOptions(dev=dev, force=True, **options)
        )

    def write(self, name: str, upgrade: str, rollback: str = "SELECT 1;") -> Path:
        """A file by hand."""
        folder = self.folder / "migrations" / "primary"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.sql"
        path.write_text(f"-- upgrade\n{upgrade}\n\n-- rollback\n{rollback}\n")
        return path

    def files(self) -> list[Path]:
        return sorted((self.folder / "migrations" / "primary").glob("*.sql"))

    def dev_dump(self) -> list[str]:
        return dump(self.dev_url)
