"""Official documents as Word files. python-docx is imported only when one is made."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from app.infra.official.document import (
    BLANK,
    MOTTO,
    NATION_LINE,
    RECIPIENTS_LINE,
    Align,
    Document,
    Row,
    Signature,
    Table,
)
from app.infra.official.text import as_text, bold_width, clean

FONT = "Times New Roman"
BODY, IN_TABLE, SMALL = 13, 11, 11
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 15
"""Margins in mm."""
SHORT_SIDE, LONG_SIDE = 210, 297
HEAD_SHARE = 0.42
"""Of the width that the issuer's side of the head takes; the nation's takes the rest."""
SIGNING_LINES = 4
_MM = 36_000
_POINT = 12_700
_AFTER_BORDERS = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def make_word(document: Document) -> bytes:
    """The bytes of a .docx file."""
    return _Writer(document).write()


class _Writer:
    """One Word file in the making; whatever python-docx gives is `Any` here."""

    def __init__(self, document: Document) -> None:
        import docx

        self.document = document
        self.word: Any = docx.Document()
        long, short = LONG_SIDE, SHORT_SIDE
        self.page = (long, short) if document.landscape else (short, long)
        self.width = self.page[0] - LEFT - RIGHT

    def write(self) -> bytes:
        """Every part in the order of the page."""
        self._set_up()
        self._number_pages()
        self._head()
        self._title()
        for table in self.document.tables:
            self._table(table)
        self._foot(self.document.signature, self.document.recipients)
        self._drop_thumbnail()
        file = BytesIO()
        self.word.save(file)
        return file.getvalue()

    def _set_up(self) -> None:
        from docx.enum.section import WD_ORIENT
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt, RGBColor

        section = self.word.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE if self.document.landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(self.page[0]), Mm(self.page[1])
        section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
        section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
        section.header_distance = section.footer_distance = Mm(10)
        normal = self.word.styles["Normal"]
        normal.font.name, normal.font.size = FONT, Pt(BODY)
        normal.font.color.rgb = RGBColor(0, 0, 0)
        layout = normal.paragraph_format
        layout.space_before, layout.space_after, layout.line_spacing = Pt(0), Pt(0), 1.0
        fonts = normal.element.rPr.rFonts
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
        for theme in self.word.styles.element.xpath("w:docDefaults//w:rFonts/@*"):
            theme.getparent().attrib.pop(theme.attrname, None)
        for language in self.word.styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), "vi-VN")
        properties = self.word.core_properties
        properties.title, properties.author = clean(self.document.title)[:255], ""
        properties.comments, properties.language = "", "vi-VN"
        properties.created = properties.modified = datetime.now(UTC)

    def _drop_thumbnail(self) -> None:
        """The picture of an empty page that the template brings along."""
        links = self.word.part.package.rels
        for key in [key for key, link in links.items() if link.reltype.endswith("/thumbnail")]:
            del links[key]

    def _number_pages(self) -> None:
        """Centred in the top margin, from the second page on."""
        section = self.word.sections[0]
        section.different_first_page_header_footer = True
        paragraph = section.header.paragraphs[0]
        self._set(paragraph, "center")
        field = _element("w:fldSimple", instr=" PAGE ")
        run = paragraph.add_run("2")
        field.append(run._r)
        paragraph._p.append(field)

    def _head(self) -> None:
        """The issuer on the left, the nation and its motto on the right."""
        head = self.document.letterhead
        wide = self.document.landscape
        size, left = (13, 14) if wide else (12, 13), self.width * HEAD_SHARE
        table = self._plain_table(2, (left, self.width - left))
        issuer, nation = table.rows[0].cells
        if head.superior:
            self._line(issuer, head.superior.upper(), "center", size=size[0])
        self._line(issuer, head.issuer.upper(), "center", size=size[0], bold=True)
        self._rule(issuer, left, min(bold_width(head.issuer.upper(), size[0]) * 0.4, _points(left) * 0.4))
        self._line(nation, NATION_LINE, "center", size=size[0], bold=True)
        self._line(nation, MOTTO, "center", size=size[1], bold=True)
        self._rule(nation, self.width - left, bold_width(MOTTO, size[1]))
        number, day = table.rows[1].cells
        self._line(number, head.number_line, "center", size=13)
        self._line(day, head.date_line, "center", size=size[1], italic=True)

    def _title(self) -> None:
        document = self.document
        self._line(self.word, document.title.upper(), "center", size=14, bold=True, before=14)
        self._line(self.word, document.summary, "center", size=14, bold=True)
        width = min(bold_width(document.summary, 14), _points(self.width)) * 0.4
        self._rule(self.word, self.width, width)
        if document.status:
            self._line(self.word, document.status, "center", italic=True, bold=True, before=4)
        for index, line in enumerate(document.lines):
            self._line(self.word, line, "left", before=0 if index else 6)

    def _table(self, table: Table) -> None:
        from docx.enum.table import WD_TABLE_ALIGNMENT

        if table.title:
            title = self._line(self.word, table.title, "left", bold=True, before=8)
            title.paragraph_format.keep_with_next = True
        self._line(self.word, "", "left", size=4)
        total = sum(column.width for column in table.columns)
        widths = [self.width * column.width / total for column in table.columns]
        made = self._new_table(0, widths)
        made.style = "Table Grid"
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        _cell_margins(made, 1.0)
        self._heading(made, table)
        for row in table.rows:
            self._row(made, table, row)
        for note in table.notes:
            self._line(self.word, note, "left", size=12, italic=True, before=3)

    def _heading(self, made: Any, table: Table) -> None:
        from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT

        rows = [made.add_row() for _ in range(1 + table.grouped)]
        upper, lower = rows[0].cells, rows[-1].cells
        for cell, column in zip(lower, table.columns, strict=True):
            if column.group or not table.grouped:
                self._write(cell.paragraphs[0], column.heading, "center", bold=True)
        for first, last, group in table.spans if table.grouped else ():
            cell = upper[first].merge(upper[last] if group else lower[last])
            self._write(cell.paragraphs[0], group or table.columns[first].heading, "center", bold=True)
        for row in rows:
            properties = row._tr.get_or_add_trPr()
            properties.append(_element("w:cantSplit"))
            properties.append(_element("w:tblHeader"))
            for cell in row.cells:
                cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER

    def _row(self, made: Any, table: Table, row: Row) -> None:
        cells = made.add_row().cells
        for cell, column, value in zip(cells, table.columns, row.cells, strict=True):
            paragraph = cell.paragraphs[0]
            self._write(paragraph, as_text(value), column.align, bold=row.bold)

    def _foot(self, signature: Signature, recipients: Sequence[str]) -> None:
        """Recipients on the left, who signs on the right, never parted by the end of a page."""
        self._line(self.word, "", "left", size=8).paragraph_format.keep_with_next = True
        table = self._plain_table(1, (self.width / 2, self.width / 2))
        left, right = table.rows[0].cells
        table.rows[0]._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        if recipients:
            self._line(left, RECIPIENTS_LINE, "left", size=12, bold=True, italic=True)
        for recipient in recipients:
            self._line(left, recipient, "left", size=SMALL)
        for line in signature.lines:
            self._line(right, line, "center", size=14, bold=True)
        for _ in range(SIGNING_LINES):
            self._line(right, "", "center", size=14)
        self._line(right, signature.name or 3 * BLANK, "center", size=14, bold=True)

    def _plain_table(self, rows: int, widths: Sequence[float]) -> Any:
        """A table without borders, that only places things."""
        table = self._new_table(rows, widths)
        _cell_margins(table, 0)
        return table

    def _new_table(self, rows: int, widths: Sequence[float]) -> Any:
        from docx.shared import Mm

        table = self.word.add_table(rows, len(widths))
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Mm(width)
        return table

    def _line(
        self,
        where: Any,
        text: str,
        align: Align,
        *,
        size: float = BODY,
        bold: bool = False,
        italic: bool = False,
        before: float = 0,
    ) -> Any:
        """A paragraph of its own in the document or in a cell, whose first one may still be empty."""
        fresh = where is not self.word and len(where.paragraphs) == 1 and not where.paragraphs[0].runs
        paragraph = where.paragraphs[0] if fresh else where.add_paragraph()
        self._write(paragraph, text, align, size=size, bold=bold, italic=italic, before=before)
        return paragraph

    def _write(
        self,
        paragraph: Any,
        text: str,
        align: Align,
        *,
        size: float = IN_TABLE,
        bold: bool = False,
        italic: bool = False,
        before: float = 0,
    ) -> None:
        from docx.shared import Pt

        self._set(paragraph, align, before)
        run = paragraph.add_run(clean(text))
        run.font.size = Pt(size)
        if bold:
            run.bold = True
        if italic:
            run.italic = True

    def _set(self, paragraph: Any, align: Align, before: float = 0) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        if align != "left":
            paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
        if before:
            paragraph.paragraph_format.space_before = Pt(before)

    def _rule(self, where: Any, room: float, length: float) -> None:
        """A line of `length` points in the middle of `room` mm: the lower border of a paragraph."""
        from docx.enum.text import WD_LINE_SPACING
        from docx.shared import Pt

        paragraph = self._line(where, "", "center", size=2)
        borders = _element("w:pBdr")
        borders.append(_element("w:bottom", val="single", sz="6", space="1", color="000000"))
        paragraph._p.get_or_add_pPr().insert_element_before(borders, *_AFTER_BORDERS)
        layout = paragraph.paragraph_format
        layout.left_indent = layout.right_indent = Pt(max(0.0, (_points(room) - length) / 2))
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
        layout.space_after = Pt(4)


def _points(millimetres: float) -> float:
    return millimetres * _MM / _POINT


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element: Any = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _cell_margins(table: Any, millimetres: float) -> None:
    """The room between the text of a cell and its left and right edge."""
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w=str(round(_points(millimetres) * 20)), type="dxa"))
    look = table._tbl.tblPr.find("{*}tblLook")
    if look is None:
        table._tbl.tblPr.append(margins)
    else:
        look.addprevious(margins)
