"""The one folder that an assistant may use: files in it are read, and only new ones are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from offramp.app.folder import Folder
from offramp.app.http_errors import Refused
from offramp.app.schemas import FILE_BYTES
from offramp.app.tasks.compiled_scenarios import Scenario
from offramp.common.words import nearest


@dataclass(frozen=True, eq=False)
class Workspace:
    """The folder; `overwrite`: whether a file that exists may be written."""

    folder: Folder
    overwrite: bool = False

    def scenario(
        self,
        file: str,
        *,
        given: Mapping[str, float] | None = None,
        levers: Sequence[str] = (),
        rationality: float | None = None,
        now: bool = False,
        supposed: Mapping[str, str] | None = None,
    ) -> Scenario:
        """A crisis file with what is set, pulled and supposed; Refused if it is not in the folder or cannot be read."""
        path = self.folder.crisis(file)
        try:
            text = self.folder.read(file).text
        except Refused as refused:
            if refused.status == 404:
                raise Refused(404, f"{refused.message}{self._nearest(file)}") from None
            raise
        return Scenario(text, str(path), given or {}, tuple(levers), rationality, now, supposed or {})

    def _nearest(self, file: str) -> str:
        """The nearest crisis file of the folder in words, or else where all are listed."""
        return nearest(file, [row["path"] for row in self.folder.files()]) or "; the tool `files` lists those there are"

    def write(self, file: str, text: str, most: int = FILE_BYTES) -> Path:
        """Write a file, whole or not at all, and give its path; Refused if it exists, except with `overwrite`."""
        target = self.folder.within(file)
        present = self.folder.content(target, file, most) if self.overwrite and target.is_file() else None
        self.check_new(file)
        self.folder.replace(target, file, text, present.sha if present else None, most)
        return target

    def check_new(self, file: str) -> Path:
        """The path of a file or folder that is to be written; Refused if it exists, except for a file to overwrite."""
        target = self.folder.within(file)
        if target.exists() and not (self.overwrite and target.is_file()):
            how = "" if target.is_dir() else ", or start the server with --overwrite"
            raise Refused(409, f"{file} exists already: choose another name{how}")
        return target
