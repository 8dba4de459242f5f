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
    "file_kind_unknown": Message(
        'The name of the file "{file}" says no kind that is read here.',
        'Tên tệp "{file}" không cho biết loại tệp đọc được.',
        "Name it .xlsx, .yaml or .json.",
        "Đặt tên tệp với đuôi .xlsx, .yaml hoặc .json.",
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
    "sheet_missing": Message(
        'There is no sheet "{sheet}".',
        'Thiếu trang "{sheet}".',
        "Take the template; sheets keep their names.",
        "Dùng tệp mẫu và giữ nguyên tên các trang.",
    ),
    "sheet_unknown": Message(
        'Sheet "{sheet}" is none of the template, and would not be read.',
        'Trang "{sheet}" không thuộc tệp mẫu nên không được đọc.',
        "Delete it or mend its name. Sheets: {known}.",
        "Xóa hoặc sửa tên trang. Các trang: {known}.",
    ),
    "column_missing": Message(
        'The column "{heading}" is missing.',
        'Thiếu cột "{heading}".',
        "Headings stand in row 1, as in the template.",
        "Tiêu đề cột nằm ở dòng 1, như tệp mẫu.",
    ),
    "column_unknown": Message(
        'There is no column "{heading}".',
        'Không có cột "{heading}".',
        "Delete it or mend its heading. Columns: {known}.",
        "Xóa cột hoặc sửa tiêu đề. Các cột: {known}.",
    ),
    "column_twice": Message(
        'The column "{heading}" stands twice.', 'Cột "{heading}" bị lặp.', "Keep one.", "Chỉ giữ một cột."
    ),
    "column_without_heading": Message(
        "This column has no heading, and would not be read.",
        "Cột này không có tiêu đề nên không được đọc.",
        "Delete what stands in it.",
        "Xóa nội dung của cột.",
    ),
    # the cells
    "cell_empty": Message(
        '"{heading}" must be filled in.',
        'Chưa điền "{heading}".',
        "The sheet Hướng dẫn says what belongs there.",
        "Xem trang Hướng dẫn để biết cách ghi.",
    ),
    "cell_unsaid": Message(
        '"{heading}" is missing.',
        'Thiếu "{heading}".',
        'Fill it in, or write "{word}" where the sources do not say.',
        'Điền giá trị, hoặc ghi "{word}" nếu văn bản không nêu.',
    ),
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
    # the document in the cells
    "key_unknown": Message(
        'There is no entry "{key}".',
        'Không có mục "{key}".',
        "Entries: {known}.",
        "Các mục: {known}.",
    ),
    "key_twice": Message(
        'The entry "{key}" stands twice.', 'Mục "{key}" bị lặp.', "Keep one.", "Chỉ giữ một dòng."
    ),
    "level_without_parent": Message(
        "A row of level {level} needs a row of level {above} above it.",
        "Dòng cấp {level} phải đứng dưới một dòng cấp {above}.",
        "Mend the level, or add the row above.",
        "Sửa cấp, hoặc thêm dòng cấp trên.",
    ),
    "cell_of_other_level": Message(
        '"{heading}" belongs to rows of level {level} alone.',
        '"{heading}" chỉ dùng cho dòng cấp {level}.',
        "Empty the cell.",
        "Xóa nội dung ô.",
    ),
    "code_not_in_nodes": Message(
        'Sheet "{sheet}" has no code "{code}".',
        'Trang "{sheet}" không có mã "{code}".',
        "Mend the code here or there.",
        "Sửa mã ở đây hoặc ở trang đó.",
    ),
    "unknown_rule": Message(
        'There is no rule "{rule}".',
        'Không có quy tắc "{rule}".',
        "Rules: {known}.",
        "Các quy tắc: {known}.",
    ),
    "cell_not_of_rule": Message(
        'The rule "{rule}" does not read "{heading}".',
        'Quy tắc "{rule}" không dùng "{heading}".',
        "Empty the cell. The rule reads: {used}.",
        "Xóa nội dung ô. Quy tắc này dùng: {used}.",
    ),
    "cells_differ": Message(
        '"{heading}" differs from cell {first}, which is of the same rule.',
        '"{heading}" khác với ô {first} của cùng một quy tắc.',
        "Write it once, or the same in every row.",
        "Chỉ ghi một lần, hoặc ghi giống nhau ở các dòng.",
    ),
    "rate_form": Message(
        '"{rate}" is no rate.',
        '"{rate}" không phải là tỷ lệ.',
        "A name, like measure:plan_tasks, or sums of figures: (measure:a + measure:b - measure:c) / "
        "(measure:d).",
        "Ghi tên, ví dụ measure:plan_tasks, hoặc tổng các số liệu: (measure:a + measure:b - measure:c) / "
        "(measure:d).",
    ),
    "range_gap": Message(
        "Between {upper} here and {lower} in the row above, something belongs to no row.",
        "Giữa {upper} ở dòng này và {lower} ở dòng trên còn khoảng trống.",
        "End this row at {wanted}, or leave its upper end out.",
        "Ghi giới hạn trên của dòng này là {wanted}, hoặc để trống.",
    ),
    "range_overlap": Message(
        "{upper} here overlaps {lower} in the row above.",
        "{upper} ở dòng này trùng với {lower} ở dòng trên.",
        "End this row at {wanted}, or leave its upper end out.",
        "Ghi giới hạn trên của dòng này là {wanted}, hoặc để trống.",
    ),
}
