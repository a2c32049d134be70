"""Style sheets are written in several files and sent as one for each kind of page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class OneSheetStorage(CompressedManifestStaticFilesStorage):
    """Lays the parts of each of STYLE_SHEETS one after the other, in the order of their names,
    before the files are named by their contents and compressed."""

    def post_process(
        self,
        paths: dict[str, Any],
        dry_run: bool = False,  # noqa: FBT001, FBT002 -- Django's signature
        **options: Any,
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            for sheet, parts in settings.STYLE_SHEETS.items():
                texts = [Path(self.path(part)).read_text(encoding="utf-8") for part in parts]
                Path(self.path(sheet)).write_text("\n".join(texts), encoding="utf-8")
                paths[sheet] = (self, sheet)
        yield from super().post_process(paths, dry_run, **options)
