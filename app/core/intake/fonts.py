"""Vietnamese that a program has spoilt: fonts from before Unicode, or Unicode read as something else."""

import re
from collections.abc import Iterable, Iterator, Sequence

from app.core.intake.cells import Cell

_TRACES = {
    "UTF-7": re.compile(r"\+[A-Za-z0-9/]{3,}-"),
    "Windows-1252 <- UTF-8": re.compile("á[º»]|Æ°|Ä\u0090|Ä\u2018|Ã[¡¢£ª©¨]"),
    "VNI": re.compile("[ñÑ]|[aeouAEOU][øûõïäåæüëîö]"),
    "TCVN3 (ABC)": re.compile("[®§¬©«¨](?=[a-zµ-ÿ])|[a-z][®¬©«µ¸¶·¹]"),
}
"""What each leaves behind, that Vietnamese in Unicode does not have."""


def find_spoilt(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The encodings that rows of headings show traces of."""
    texts = [cell for row in rows for cell in row if isinstance(cell, str)]
    for name, trace in _TRACES.items():
        if any(trace.search(text) for text in texts):
            yield name
