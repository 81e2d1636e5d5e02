"""Modules of a project as files: nothing is imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ModuleFinder:
    """Finds the file of a module in the project's folder and in further folders of the import path."""

    root: Path
    folders: tuple[Path, ...]

    def path(self, name: str) -> Path | None:
        """The file of a module, or the folder of a package; ``None`` if the project has no such module."""
        parts = name.split(".")
        for folder in self.folders:
            stem = folder.joinpath(*parts)
            if stem.with_name(f"{stem.name}.py").is_file():
                return stem.with_name(f"{stem.name}.py")
            if stem.is_dir() and (stem / "__init__.py").is_file():
                return stem
        return None

    def entry(self, name: str) -> str:
        """The module as ``model_paths`` names it: by its name, or by its path if that is not importable from the root."""
        path = self.path(name)
        if path is None or path.with_suffix("").resolve() == self.root.joinpath(*name.split(".")).resolve():
            return name
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)
