"""One planted bug: a piece of our code and what stands in its place while its tests run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A bug that somebody could write, and the tests that notice it."""

    slug: str
    """What goes wrong, in a few words: ``release-ignores-token``."""
    path: str
    """The file, below ``src/dbwarden``."""
    before: str
    """Source text that stands exactly once in the file."""
    after: str
    """What replaces it."""
    tests: tuple[str, ...]
    """Arguments for pytest; at least one of these tests fails while the bug is there."""

    def apply(self, root: Path = ROOT) -> str:
        """The file's source with the bug. Raises ``ValueError`` unless ``before`` stands there exactly once."""
        source = (root / "src" / "dbwarden" / self.path).read_text(encoding="utf-8")
        count = source.count(self.before)
        if count != 1:
            raise ValueError(f"{self.slug}: {self.path} contains {count} times what the mutation replaces")
        return source.replace(self.before, self.after)
