"""Messages of files of figures: the file, its sheets, headings and cells, in clerks' words."""

from collections.abc import Mapping

from app.infra.messages.message import Message

_AS_UTF8 = (
    "In Excel: File, Save As, CSV UTF-8 (Comma delimited); or send the workbook itself (.xlsx).",
    "Trong Excel: Tệp, Lưu thành, chọn loại CSV UTF-8 (Comma delimited); hoặc gửi thẳng tệp .xlsx.",
)
_AS_CSV = (
    "Send it as CSV or NDJSON, which have no such limit, or in several workbooks.",
    "Hãy gửi dạng CSV hoặc NDJSON (không giới hạn số dòng), hoặc chia thành nhiều tệp.",
)
_A_TABLE = (
    "Send a table: .xlsx, CSV, JSON or NDJSON.",
    "Hãy gửi bảng số liệu: .xlsx, CSV, JSON hoặc NDJSON.",
)
_JSON = (
    "Let the program that wrote it mend that line; each row is an object.",
    "Hãy sửa ở chương trình xuất tệp; mỗi dòng số liệu là một đối tượng JSON.",
)
_WHOLE = (
    "Type the number alone, like 1234 or 1.234; leave the cell empty where it is not known.",
    "Chỉ ghi số, ví dụ 1234 hoặc 1.234; chưa có số liệu thì để trống ô.",
)
MESSAGES: Mapping[str, Message] = {
    # the file
    "file_empty": Message("The file is empty.", "Tệp trống, không có nội dung.", *_A_TABLE),
    "file_is_no_table": Message(
        "By its content the file is {kind}, whatever its name says; that is no table.",
        "Theo nội dung, tệp là {kind}, không phải bảng số liệu, dù tên tệp ghi thế nào.",
        "Open it in Excel and save it as Excel Workbook (*.xlsx).",
        "Mở bằng Excel rồi lưu thành Excel Workbook (*.xlsx).",
    ),
    "file_holds_nul": Message(
        "The file holds bytes that no text has (NUL): it is damaged, or no text.",
        "Tệp chứa ký tự không có trong văn bản (NUL): tệp bị hỏng hoặc không phải tệp văn bản.",
        *_AS_UTF8,
    ),
    "file_not_utf8": Message(
        "Line {line}: the file is not written in UTF-8.",
        "Dòng {line}: tệp không dùng bảng mã UTF-8 (có thể là TCVN3, VNI hoặc Windows-1258).",
        *_AS_UTF8,
    ),
    "text_in_old_font": Message(
        "The headings look spoilt: text in {encoding}, not in Unicode.",
        "Tiêu đề cột bị lỗi phông chữ: văn bản dạng {encoding}, không phải Unicode.",
        "Convert it to Unicode, for example with UniKey (Ctrl+Shift+F6), then send it again.",
        "Chuyển mã sang Unicode, ví dụ bằng UniKey (Ctrl+Shift+F6), rồi gửi lại.",
    ),
    "quote_not_closed": Message(
        'Line {line}: a quotation mark (") is not closed, or stands within a cell.',
        'Dòng {line}: dấu ngoặc kép (") mở mà không đóng, hoặc nằm giữa ô.',
        'Close it, or write it twice ("") within the cell.',
        'Hãy đóng ngoặc kép, hoặc ghi hai lần ("") nếu nó là một phần của nội dung ô.',
    ),
    "cell_too_long": Message(
        "Line {line}: a cell holds more text than any figure or name needs.",
        "Dòng {line}: một ô chứa quá nhiều văn bản.",
        "Shorten it; each row of the table is a line of its own.",
        "Rút ngắn nội dung ô; mỗi dòng của bảng phải là một dòng riêng trong tệp.",
    ),
    "line_too_long": Message(
        "Line {line} is longer than {limit} characters.",
        "Dòng {line} dài hơn {limit} ký tự.",
        "Each row of the table is a line of its own.",
        "Mỗi dòng của bảng phải là một dòng riêng trong tệp.",
    ),
    "too_many_columns": Message(
        "Line {line} has more than {limit} columns.",
        "Dòng {line} có hơn {limit} cột.",
        "Delete what stands to the right of the table.",
        "Xóa phần thừa bên phải bảng.",
    ),
    "text_unstorable": Message(
        "Line {line}: the text holds signs that cannot be kept (NUL, or half of a letter).",
        "Dòng {line}: văn bản có ký tự không lưu được (NUL hoặc ký tự bị cắt đôi).",
        *_JSON,
    ),
    # JSON
    "json_broken": Message("Line {line}: this is no JSON.", "Dòng {line}: sai cú pháp JSON.", *_JSON),
    "json_not_utf8": Message("JSON must be written in UTF-8.", "Tệp JSON phải dùng bảng mã UTF-8.", *_JSON),
    "json_key_twice": Message(
        'Line {line}: the member "{key}" stands twice.', 'Dòng {line}: mục "{key}" bị lặp.', *_JSON
    ),
    "json_too_deep": Message(
        "Line {line}: the JSON is nested too deeply.", "Dòng {line}: JSON lồng nhau quá nhiều lớp.", *_JSON
    ),
    "json_row_no_object": Message(
        "Line {line}: a row is an object with named members.",
        "Dòng {line}: mỗi dòng số liệu phải là một đối tượng có tên các mục.",
        'For example: {{"unit_code": "22", "period": "2021-Q3", "received": 120}}.',
        'Ví dụ: {{"unit_code": "22", "period": "2021-Q3", "received": 120}}.',
    ),
    "json_no_rows": Message('"rows" is no list.', 'Mục "rows" không phải là danh sách.', *_JSON),
    "json_member_unread": Message(
        'The member "{member}" beside "rows" is not read.',
        'Mục "{member}" bên cạnh "rows" không được đọc.',
        "Write it in each row, or as an option of the import.",
        "Hãy ghi vào từng dòng, hoặc gửi làm tùy chọn của lần nhập.",
    ),
    "field_in_two_members": Message(
        '"{member}" says the same as "{other}".',
        '"{member}" và "{other}" là cùng một mục.',
        "Keep one of them.",
        "Chỉ giữ một mục.",
    ),
    # the workbook
    "workbook_too_many_rows": Message(
        "The workbook has more than {limit} filled rows.",
        "Sổ tính có hơn {limit} dòng có nội dung.",
        *_AS_CSV,
    ),
    "workbook_too_many_cells": Message(
        "The workbook has more than {limit} filled cells.", "Sổ tính có hơn {limit} ô có nội dung.", *_AS_CSV
    ),
    "workbook_too_much_text": Message(
        "The texts of the workbook are too many or too long (more than {limit}).",
        "Sổ tính có quá nhiều hoặc quá dài văn bản (hơn {limit}).",
        *_AS_CSV,
    ),
    "workbook_too_many_merges": Message(
        "The workbook has more than {limit} merged cells.",
        "Sổ tính có hơn {limit} ô gộp.",
        "Unmerge them (Home, Merge & Center), or send the table as CSV.",
        "Bỏ gộp ô (Trang đầu, Merge & Center), hoặc gửi bảng dạng CSV.",
    ),
    "sheet_hidden": Message(
        'The sheet "{sheet}" is hidden, and was not read.',
        'Trang "{sheet}" đang ẩn nên không được đọc.',
        "Unhide it and send the file again, should it count.",
        "Nếu cần nhập trang này, hãy bỏ ẩn rồi gửi lại tệp.",
    ),
    "rows_hidden": Message(
        'Sheet "{sheet}": {count} hidden rows were read too, the first is row {first}.',
        'Trang "{sheet}": {count} dòng đang ẩn vẫn được đọc, dòng đầu tiên là dòng {first}.',
        "Delete them if they do not count; a filter hides rows too.",
        "Nếu không tính các dòng này, hãy xóa đi; bộ lọc cũng làm ẩn dòng.",
    ),
    "columns_hidden": Message(
        'Sheet "{sheet}": the hidden columns {columns} were read too.',
        'Trang "{sheet}": các cột đang ẩn ({columns}) vẫn được đọc.',
        "Delete them if they do not count.",
        "Nếu không tính các cột này, hãy xóa đi.",
    ),
    # the headings
    "headings_not_found": Message(
        "None of the first {rows} rows names the columns of {kind}.",
        "Không tìm thấy dòng tiêu đề của bảng ({kind}) trong {rows} dòng đầu.",
        "Put a row of headings above the figures, in Vietnamese or English. Columns: {known}.",
        "Thêm dòng tiêu đề phía trên số liệu, tiếng Việt (như biểu II.06a) hoặc tiếng Anh. Các cột: {known}.",
    ),
    "heading_twice": Message(
        'Line {line}: the columns {columns} all say the same: "{heading}".',
        'Dòng {line}: các cột {columns} có cùng nội dung ("{heading}").',
        "Keep one, or mend the headings.",
        "Chỉ giữ một cột, hoặc sửa tiêu đề.",
    ),
    "heading_unclear": Message(
        'Line {line}, column {column}: "{heading}" may count resolved or pending dossiers.',
        'Dòng {line}, cột {column}: không rõ "{heading}" là của hồ sơ đã giải quyết hay đang giải quyết.',
        "Write it in full, like resolved_overdue or pending_overdue.",
        "Ghi đủ, ví dụ: Đã giải quyết quá hạn, Đang giải quyết quá hạn, Đang giải quyết trong hạn.",
    ),
    "headings_differ": Message(
        "Line {line} names the columns anew, not as line {first} does.",
        "Dòng {line} là một dòng tiêu đề khác với tiêu đề ở dòng {first}.",
        "Put each table on a sheet of its own, or in a file of its own.",
        "Mỗi bảng để ở một trang riêng, hoặc gửi trong một tệp riêng.",
    ),
    "figures_above_heading": Message(
        "Line {line} has figures, but stands above the headings (line {heading}).",
        "Dòng {line} có số liệu nhưng nằm phía trên dòng tiêu đề (dòng {heading}).",
        "Move it below the headings, or delete it.",
        "Chuyển xuống dưới dòng tiêu đề, hoặc xóa nếu không tính.",
    ),
    "letterhead_read": Message(
        "Read above the table: period {period}, unit {unit}. Rows that name none of their own are of these.",
        "Đọc được phía trên bảng: kỳ {period}, đơn vị {unit}. Dòng nào không ghi riêng thì thuộc kỳ và đơn "
        "vị này.",
    ),
    "figures_emptied": Message(
        "{column}: {rows} row(s) have a figure now and none in this file; it would become unknown.",
        "{column}: {rows} dòng đang có số liệu mà tệp này không có; sau khi ghi sẽ thành chưa biết.",
        "If the figures still hold, fill them in; a report takes the place of the earlier one as a whole.",
        "Nếu số liệu vẫn đúng, hãy điền vào tệp; báo cáo sau thay toàn bộ báo cáo trước.",
    ),
    "numbering_left_out": Message(
        "Line {line} was taken for the numbers of the columns (1, 2, 3, ...), and was not read.",
        "Dòng {line} được hiểu là dòng đánh số cột (1, 2, 3, ...) nên không được đọc.",
        "Should it be figures, put the numbers of the columns in brackets above it: (1), (2), (3).",
        "Nếu đó là số liệu, hãy thêm dòng đánh số cột trong ngoặc (1), (2), (3) phía trên.",
    ),
    "table_without_rows": Message(
        "There are headings, and no row of figures below them.",
        "Bảng chỉ có tiêu đề, không có dòng số liệu nào.",
        "Fill in the table; rows that only add up others do not count.",
        "Hãy điền số liệu; các dòng cộng tổng không được tính là dòng số liệu.",
    ),
    "cell_under_no_heading": Message(
        'Column {column} has no heading, but this row has "{value}" in it: have its cells shifted?',
        'Cột {column} không có tiêu đề nhưng dòng này ghi "{value}": có thể các ô đã bị lệch cột.',
        "Move the cells back, or give the column a heading. In CSV, put a text with a comma in quotes.",
        "Chuyển các ô về đúng cột, hoặc đặt tiêu đề cho cột. Với CSV, đặt văn bản có dấu phẩy trong ngoặc "
        "kép.",
    ),
    "field_of_row_missing": Message(
        "This row has figures, but names no field of procedure.",
        "Dòng này có số liệu nhưng chưa ghi lĩnh vực.",
        'Write the field, or "Tổng số" for the whole unit.',
        'Ghi tên lĩnh vực, hoặc "Tổng số" nếu là số của cả đơn vị.',
    ),
    # the periods
    "period_differs": Message(
        "The period is {period}, but above the table stands {letterhead}.",
        "Kỳ là {period}, nhưng phía trên bảng ghi {letterhead}.",
        "Send the file of that period, or correct one of them: it may be last month's file.",
        "Hãy gửi đúng tệp của kỳ, hoặc sửa cho khớp: có thể đây là tệp của kỳ trước.",
    ),
    # the units
    "unit_cell_blank": Message(
        "The row has no unit in a table that has a column for it; it may be a total.",
        "Ô đơn vị của dòng này để trống (có thể là dòng cộng).",
        "Write the code or name of the unit; name a total: Tổng số.",
        "Ghi mã hoặc tên đơn vị; nếu là dòng cộng thì ghi: Tổng số.",
    ),
    "unit_differs": Message(
        'The import is for unit {unit}, but above the table stands "{letterhead}" (unit {other}).',
        'Lần nhập này là của đơn vị {unit}, nhưng phía trên bảng ghi "{letterhead}" (đơn vị {other}).',
        "Send the file of that unit, or correct what stands above the table.",
        "Hãy gửi đúng tệp của đơn vị, hoặc sửa phần ghi phía trên bảng.",
    ),
    "unit_code_and_name": Message(
        'The code {code} is "{called}", but the name is "{name}" (code {codes}).',
        'Mã {code} là "{called}", nhưng tên ghi là "{name}" (mã {codes}).',
        "Correct the code or the name; one of them alone is enough.",
        "Hãy sửa mã hoặc tên cho khớp; chỉ ghi một trong hai cũng được.",
    ),
    "unit_name_of_other_days": Message(
        'On {on} the unit {code} is called "{called}"; "{name}" was its name at another time.',
        'Vào ngày {on}, đơn vị mã {code} tên là "{called}"; "{name}" là tên của đơn vị này ở thời gian khác.',
        "Write the name of that day, or the code alone; check the period.",
        "Ghi tên tại thời điểm đó, hoặc chỉ ghi mã; kiểm tra lại kỳ báo cáo.",
    ),
    "unit_lost_zero": Message(
        'There is no unit "{unit}"; is it "{code}"? Excel drops a zero in front.',
        'Không có đơn vị "{unit}"; có phải "{code}" không? Excel bỏ mất số 0 ở đầu.',
        "Format the column as text, and write {code}.",
        "Định dạng cột là văn bản (Text) rồi ghi {code}.",
    ),
    # the cells
    "cell_no_count": Message(
        '"{value}" is no number of dossiers.', '"{value}" không phải là số lượng.', *_WHOLE
    ),
    "count_negative": Message("{value} is less than zero.", "{value} là số âm.", *_WHOLE),
    "count_not_whole": Message("{value} is not whole.", "{value} không phải là số nguyên.", *_WHOLE),
    "count_in_two_ways": Message(
        '"{value}" is {whole} to some readers and {thousands} to others.',
        '"{value}" có thể hiểu là {whole} hoặc {thousands}.',
        "Write {whole} or {thousands}. Check 12.000 and the like in the same column: they are read as 12000.",
        "Ghi {whole} hoặc {thousands}. Kiểm tra cả các ô dạng 12.000 trong cùng cột: được hiểu là 12000.",
    ),
    "count_too_large": Message(
        "{value} is larger than any real figure.", "{value} lớn hơn mọi số liệu có thực.", *_WHOLE
    ),
    "cell_merged": Message(
        'The cell with "{value}" is merged with others: it is not clear what belongs to which row.',
        'Ô ghi "{value}" đang gộp với ô khác nên không rõ số thuộc dòng, cột nào.',
        "Unmerge it (Home, Merge & Center), and write each row its own number.",
        "Bỏ gộp ô (Trang đầu, Merge & Center) rồi ghi số riêng cho từng dòng.",
    ),
    "cell_shows_error": Message(
        "The cell shows the error {value}.",
        "Ô đang báo lỗi {value}.",
        "Mend the formula, or type the number itself.",
        "Sửa công thức hoặc nhập thẳng số.",
    ),
    "formula_not_computed": Message(
        "The formula in this cell has never been computed.",
        "Công thức trong ô chưa được tính.",
        "Open the file in Excel, save it, and send it again.",
        "Mở tệp bằng Excel, lưu lại rồi gửi lại.",
    ),
    "number_is_day": Message(
        "The cell holds the day {value}, not a number.",
        "Ô chứa ngày {value}, không phải số.",
        "Format the cell as a number and type it again: Excel makes days of texts like 1/2.",
        "Định dạng ô là số rồi nhập lại: Excel tự đổi nội dung như 1/2 thành ngày.",
    ),
    "cell_no_number": Message(
        '"{value}" is no number.',
        '"{value}" không phải là số.',
        "Type a number alone, like 14,5.",
        "Chỉ ghi số, ví dụ 14,5.",
    ),
    "number_negative": Message(
        "{value} is less than zero.",
        "{value} là số âm.",
        "Type a number of 0 or more.",
        "Ghi số từ 0 trở lên.",
    ),
    "number_in_two_ways": Message(
        '"{value}" is {whole} to some readers and {comma} (with a decimal comma) to others.',
        '"{value}" có thể hiểu là {whole} hoặc {comma}.',
        "Write {whole}, or {comma}0.",
        "Ghi {whole}, hoặc {comma}0 nếu là số thập phân.",
    ),
    "share_or_percent": Message(
        "Is this {value} % or {percent} %? Excel keeps {percent} % as {value}.",
        "Ô này là {value} % hay {percent} %? Excel lưu {percent} % thành {value}.",
        'Write "{percent} %" or "{value} %" as text, or give the cell a percent format.',
        'Ghi "{percent} %" hoặc "{value} %" dạng văn bản, hoặc định dạng ô là phần trăm.',
    ),
    "cell_no_day": Message(
        '"{value}" is no day.',
        '"{value}" không phải là ngày.',
        "Write it as 30/12/2020 or 2020-12-30.",
        "Ghi dạng 30/12/2020 hoặc 2020-12-30.",
    ),
}
