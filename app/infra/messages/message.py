"""What a message is."""

from typing import Literal, NamedTuple

Language = Literal["en", "vi"]


class Message(NamedTuple):
    """Templates; `{name}` is filled from the parameters of the fault."""

    en: str
    vi: str
    hint_en: str = ""
    hint_vi: str = ""
