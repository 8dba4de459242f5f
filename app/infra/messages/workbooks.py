"""Messages of workbooks: the file, its sheets, its cells."""

from collections.abc import Mapping

from app.infra.messages.message import Message

_SAVE_AS = (
    "Open it in Excel and save it as Excel Workbook (*.xlsx).",
    "Mở bằng Excel rồi lưu thành Excel Workbook (*.xlsx).",
)
MESSAGES: Mapping[str, Message] = {
    # the file
    "xlsx_not_a_workbook": Message(
        "The file is no Excel workbook (.xlsx), whatever its name says.",
        "Tệp không phải là sổ tính Excel (.xlsx), dù tên tệp ghi thế nào.",
        *_SAVE_AS,
    ),
    "xlsx_old_format": Message(
        "The file is an .xls file of Excel 97-2003, or is protected by a password.",
        "Tệp là sổ tính .xls của Excel 97-2003, hoặc đang đặt mật khẩu.",
        *_SAVE_AS,
    ),
    "xlsx_damaged": Message(
        "The workbook is damaged and cannot be read.",
        "Sổ tính bị hỏng, không đọc được.",
        *_SAVE_AS,
    ),
    "xlsx_unpacks_too_large": Message(
        "Unpacked, the workbook is larger than {limit} bytes.",
        "Sau khi giải nén, sổ tính lớn hơn {limit} byte.",
        "Keep only the sheets of the template.",
        "Chỉ giữ lại các trang của tệp mẫu.",
    ),
    # the sheets
    "sheet_too_long": Message(
        "The sheet goes beyond row {limit}.",
        "Trang vượt quá dòng {limit}.",
        "Delete what stands below; Ctrl+End shows the last cell.",
        "Xóa các dòng thừa ở dưới; Ctrl+End cho biết ô cuối cùng.",
    ),
    "sheet_too_wide": Message(
        "The sheet goes beyond column {limit}.",
        "Trang vượt quá cột thứ {limit}.",
        "Delete what stands to the right; Ctrl+End shows the last cell.",
        "Xóa các cột thừa bên phải; Ctrl+End cho biết ô cuối cùng.",
    ),
    "sheet_too_large": Message(
        "The workbook has more than {limit} cells.", "Sổ tính có hơn {limit} ô.", *_SAVE_AS
    ),
    "sheet_too_much_text": Message(
        "The cells hold more than {limit} characters.", "Các ô chứa hơn {limit} ký tự.", *_SAVE_AS
    ),
    # the cells
    "cell_broken": Message(
        "The cell shows an error.",
        "Ô đang báo lỗi (như #DIV/0!, #REF!).",
        "Mend the formula, or type the value itself.",
        "Sửa công thức hoặc nhập thẳng giá trị.",
    ),
    "cell_not_text": Message(
        "Excel has made a number or a date of what must be text.",
        "Excel đã đổi nội dung ô thành số hoặc ngày, trong khi ô này phải là văn bản.",
        "Format the cell as Text and type it again: as numbers, 1.10 and 1.1 are the same.",
        "Định dạng ô là Văn bản (Text) rồi nhập lại: với số, 1.10 và 1.1 là một.",
    ),
    "cell_not_a_number": Message(
        '"{value}" is no number.',
        '"{value}" không phải là số.',
        "Type a number alone, like 14.5; in a cell of text with a decimal comma: 14,5.",
        "Chỉ ghi số, ví dụ 14,5.",
    ),
    "cell_is_percentage": Message(
        "A percentage ({value} %) cannot stand here.",
        "Ô này không nhận tỷ lệ phần trăm ({value} %).",
        "Take the percent format away, and type the number of points.",
        "Bỏ định dạng phần trăm rồi nhập lại số.",
    ),
    "number_became_date": Message(
        "Excel has made a date of the number.",
        "Excel đã đổi số thành ngày.",
        "Format the cell as a number and type it again, with the decimal sign of your Excel.",
        "Định dạng ô là số rồi nhập lại, dùng dấu thập phân của Excel trên máy (thường là dấu phẩy).",
    ),
    "number_unclear": Message(
        '"{value}" is {whole} to some readers and {comma} (with a decimal comma) to others.',
        '"{value}" có thể hiểu là {whole} hoặc {comma}.',
        "Write {whole} or {comma}.",
        "Ghi {whole} hoặc {comma}.",
    ),
    "percent_or_share": Message(
        "Is this {value} % or {percent} %? Excel keeps {percent} % as {value}.",
        "Ô này là {value} % hay {percent} %? Excel lưu {percent} % thành {value}.",
        'Write "{percent} %" or "{value} %" in a cell of text.',
        'Ghi "{percent} %" hoặc "{value} %" trong ô dạng văn bản.',
    ),
    "cell_not_a_day": Message(
        '"{value}" is no day.',
        '"{value}" không phải là ngày.',
        "Write it as 30/12/2020 or 2020-12-30.",
        "Ghi dạng 30/12/2020 hoặc 2020-12-30.",
    ),
}
