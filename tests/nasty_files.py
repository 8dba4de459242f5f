"""Files as clerks, programs and attackers send them: each is read rightly, or refused for a reason.

Every file says the same two rows where nothing else is expected: unit 22 with 1,234 dossiers received and
1,000 resolved in September 2021, and unit 24 with 56 and 56. `expected` is either `Rows` or `Refused`.
"""

from tests.nasty_parts import Nasty, Refused, Row, Rows, Said
from tests.nasty_texts import TEXTS
from tests.nasty_workbooks import WORKBOOKS

NASTY = [*TEXTS, *WORKBOOKS]
__all__ = ["NASTY", "Nasty", "Refused", "Row", "Rows", "Said"]
