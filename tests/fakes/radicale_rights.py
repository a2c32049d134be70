"""Radicale's rights from a file, read anew when the file changes: privileges come and go."""

from pathlib import Path

from radicale import config
from radicale.rights import from_file


class Rights(from_file.Rights):
    def __init__(self, configuration: config.Configuration) -> None:
        self._configuration = configuration
        self._read_at = self._changed_at()
        super().__init__(configuration)

    def _changed_at(self) -> int:
        return Path(self._configuration.get("rights", "file")).stat().st_mtime_ns

    def authorization(self, user: str, user_groups: set[str], path: str) -> str:
        if self._changed_at() != self._read_at:
            self.__init__(self._configuration)  # type: ignore[misc]  # a fresh start is meant
        return str(super().authorization(user, user_groups, path))
