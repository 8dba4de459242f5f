"""Messages of imports: their life, and the units and periods of their rows."""

from collections.abc import Mapping

from app.infra.messages.message import Message

MESSAGES: Mapping[str, Message] = {
    # the life of an import
    "import_unknown": Message(
        "There is no import {import_id}.",
        "Không có lần nhập {import_id}.",
        "An import is kept for 7 days; send the file again.",
        "Mỗi lần nhập được giữ 7 ngày; hãy gửi lại tệp.",
    ),
    "import_not_rehearsed": Message(
        "This import is {state}: only what was rehearsed can be committed.",
        "Lần nhập này đang ở trạng thái {state}: chỉ ghi được lần nhập đã kiểm tra xong.",
        "Wait for the end of the rehearsal, or send the file again.",
        "Hãy chờ kiểm tra xong, hoặc gửi lại tệp.",
    ),
    "import_not_cancellable": Message(
        "This import is {state}: there is nothing to cancel.",
        "Lần nhập này đang ở trạng thái {state}: không còn gì để hủy.",
    ),
    "import_has_rejected": Message(
        "{rejected} row(s) are wrong; nothing was written.",
        "Có {rejected} dòng sai; chưa ghi gì.",
        "Correct them (rejected.csv, rejected.xlsx) and send them again, or write the good rows alone "
        "(option on_error: skip).",
        "Hãy sửa các dòng đó (rejected.csv, rejected.xlsx) rồi gửi lại, hoặc chỉ ghi các dòng đúng (tùy chọn "
        "on_error: skip).",
    ),
    "import_outdated": Message(
        "In place of {count} row(s) something else was written since the rehearsal; nothing was written.",
        "Có {count} dòng mà số liệu đã thay đổi sau khi kiểm tra; chưa ghi gì.",
        "Send the file again to see the difference anew.",
        "Hãy gửi lại tệp để xem khác biệt mới.",
    ),
    "import_row_outdated": Message(
        "{unit}, {period}, {scope}: revision {now} stands there; the rehearsal saw {before}.",
        "{unit}, kỳ {period}, {scope}: nay là phiên bản {now}; khi kiểm tra là {before}.",
    ),
    "import_score_outdated": Message(
        "{unit}, {item}, {stage}: {now} stands there; the rehearsal saw {before}.",
        "{unit}, mục {item}, {stage}: nay là {now}; khi kiểm tra là {before}.",
    ),
    "import_no_longer_valid": Message(
        "{count} row(s) can no longer be written as they were rehearsed; nothing was written.",
        "Có {count} dòng không còn ghi được như khi kiểm tra; chưa ghi gì.",
        "See each row below; then send the file again.",
        "Xem lý do của từng dòng bên dưới, rồi gửi lại tệp.",
    ),
    "import_incomplete": Message(
        "{written} of {expected} rehearsed rows are still there; nothing was written.",
        "Chỉ còn {written}/{expected} dòng đã kiểm tra; chưa ghi dòng nào.",
        "Send the file again.",
        "Hãy gửi lại tệp.",
    ),
    "import_too_many_rejected": Message(
        "More than {limit} rows are wrong: this seems to be another kind of file, or its columns are not "
        "what the headings say.",
        "Hơn {limit} dòng có lỗi: có thể gửi nhầm loại tệp, hoặc cột không đúng với tiêu đề.",
        "Compare the kind of the import and the headings with the file; send a few rows first.",
        "Kiểm tra loại số liệu và tiêu đề cột; gửi thử vài dòng trước.",
    ),
    "import_too_many_rows": Message(
        "A file of {kind} may have {limit} rows.",
        "Mỗi tệp {kind} có tối đa {limit} dòng.",
        "Send it in several parts.",
        "Hãy chia thành nhiều tệp.",
    ),
    "import_needs_round": Message(
        "Scores belong to a round.",
        "Điểm phải thuộc về một kỳ đánh giá.",
        "Name its code (option round).",
        "Hãy ghi mã kỳ đánh giá (tùy chọn round).",
    ),
    "import_units_changed": Message(
        "The register of units has changed since the rehearsal; nothing was written.",
        "Danh mục đơn vị đã thay đổi sau khi kiểm tra; chưa ghi gì.",
        "Send the file again.",
        "Hãy gửi lại tệp.",
    ),
    "import_rights_changed": Message(
        "Your rights have changed since the rehearsal; nothing was written.",
        "Quyền của bạn đã thay đổi sau khi kiểm tra; chưa ghi gì.",
        "Send the file again.",
        "Hãy gửi lại tệp.",
    ),
    "import_interrupted": Message(
        "The service was stopped during the rehearsal.",
        "Dịch vụ được dừng trong khi đang kiểm tra tệp.",
        "Nothing was written. Send the file again.",
        "Chưa ghi gì. Hãy gửi lại tệp.",
    ),
    "import_worker_died": Message(
        "The process that rehearsed the file came to an end.",
        "Tiến trình kiểm tra tệp đã bị ngắt.",
        "Nothing was written. Send the file again.",
        "Chưa ghi gì. Hãy gửi lại tệp.",
    ),
    "import_broken_off": Message(
        "The database or the disk did not answer.",
        "Cơ sở dữ liệu hoặc ổ đĩa không phản hồi.",
        "Nothing was written. Try again later.",
        "Chưa ghi gì. Hãy thử lại sau.",
    ),
    "import_failed": Message(
        "The service failed over this file; the log has the reason.",
        "Dịch vụ gặp lỗi với tệp này; nguyên nhân có trong nhật ký.",
        "Nothing was written. Ask the operator.",
        "Chưa ghi gì. Hãy hỏi người vận hành.",
    ),
    "imports_busy": Message(
        "{waiting} imports are waiting already.",
        "Đã có {waiting} lần nhập đang chờ.",
        "Try again in a minute.",
        "Hãy thử lại sau một phút.",
    ),
    "disk_full": Message(
        "There is no room for this file.",
        "Không đủ chỗ trống để lưu tệp này.",
        "Try again later, or ask the operator to free disk space.",
        "Hãy thử lại sau, hoặc đề nghị người vận hành giải phóng ổ đĩa.",
    ),
    "form_broken": Message(
        "The form cannot be read: {error}.",
        "Không đọc được biểu mẫu gửi lên: {error}.",
        "Send the file itself as the body, or as the part `file` of multipart/form-data.",
        "Hãy gửi chính tệp làm nội dung, hoặc làm phần `file` của multipart/form-data.",
    ),
    "form_without_file": Message(
        "The form must have one part, `file`.",
        "Biểu mẫu phải có đúng một phần tên là `file`.",
    ),
    # rows
    "row_outside_scope": Message(
        "Your key does not reach {unit}.",
        "Khóa của bạn không bao gồm đơn vị {unit}.",
        "Leave the row out, or ask whoever manages clients.",
        "Hãy bỏ dòng này, hoặc hỏi người quản lý khóa.",
    ),
    "row_twice": Message(
        "Row {first} of the file says this already: the same unit, period and subject.",
        "Dòng {first} của tệp đã ghi nội dung này: cùng đơn vị, kỳ và nội dung báo cáo.",
        "Keep one of them.",
        "Hãy chỉ giữ một dòng.",
    ),
    "measure_missing": Message(
        "The row names no measure.",
        "Dòng này không ghi chỉ tiêu.",
        "Fill in its code or its name in the catalogue.",
        "Hãy ghi mã hoặc tên chỉ tiêu theo danh mục.",
    ),
    "measure_name_unclear": Message(
        'Several measures are called "{name}": {codes}.',
        'Có nhiều chỉ tiêu cùng tên "{name}": {codes}.',
        "Write the code.",
        "Hãy ghi mã chỉ tiêu.",
    ),
    "item_missing": Message(
        "The row names no item.",
        "Dòng này không ghi tiêu chí.",
        "Fill in its code or its name in the criteria set.",
        "Hãy ghi mã hoặc tên tiêu chí theo bộ chỉ số.",
    ),
    "item_name_unclear": Message(
        'Several items are called "{name}": {codes}.',
        'Có nhiều tiêu chí cùng tên "{name}": {codes}.',
        "Write the code.",
        "Hãy ghi mã tiêu chí.",
    ),
    "stage_missing": Message(
        "The row names no stage.",
        "Dòng này không ghi giai đoạn chấm.",
        "Fill it in ({known}), or name one for the whole file (stage=...).",
        "Hãy ghi giai đoạn ({known}), hoặc một giai đoạn cho cả tệp (stage=...).",
    ),
    "stage_unknown": Message(
        "There is no stage '{stage}'.",
        "Không có giai đoạn '{stage}'.",
        "Stages: {known}.",
        "Các giai đoạn: tự chấm, thẩm định, giải trình, thẩm định lần 2, điều tra xã hội học, kết quả "
        "({known}).",
    ),
    "unit_kind_unknown": Message(
        "There is no kind of unit '{kind}'.",
        "Không có loại đơn vị '{kind}'.",
        "Kinds: {known}.",
        "Các loại: tỉnh, sở, huyện, xã, phường, đặc khu... ({known}).",
    ),
    "cell_missing": Message(
        "The row does not say {field}.",
        "Dòng này không ghi {field}.",
        "Fill in the cell.",
        "Hãy điền ô này.",
    ),
    "cell_no_yes_or_no": Message(
        '"{value}" is neither yes nor no.',
        '"{value}" không phải là có hoặc không.',
        "Write x for yes, or leave the cell empty.",
        "Ghi x nếu có, không thì để trống.",
    ),
    "unit_missing": Message(
        "The row names no unit.",
        "Dòng này không ghi đơn vị.",
        "Fill in its code or name, or name one unit for the whole file (option unit).",
        "Hãy điền mã hoặc tên đơn vị, hoặc nêu một đơn vị cho cả tệp (tùy chọn unit).",
    ),
    "unit_name_unknown": Message(
        "No unit is called {name!r} on {on}.",
        "Không có đơn vị nào tên {name!r} vào ngày {on}.",
        "Check the name, or write the code.",
        "Hãy kiểm tra tên, hoặc ghi mã đơn vị.",
    ),
    "unit_name_unclear": Message(
        "Several units are called {name!r}: {codes}.",
        "Có nhiều đơn vị tên {name!r}: {codes}.",
        "Write the code.",
        "Hãy ghi mã đơn vị.",
    ),
    "period_missing": Message(
        "The row names no period.",
        "Dòng này không ghi kỳ báo cáo.",
        "Fill it in (2021, 2021-Q3, 2021-09), or name one period for the whole file (option period).",
        "Hãy điền kỳ (2021, 2021-Q3, 2021-09), hoặc nêu một kỳ cho cả tệp (tùy chọn period).",
    ),
    "cell_no_instant": Message(
        "{value!r} is no day and no instant.",
        "{value!r} không phải ngày hay thời điểm.",
        "Write 2022-09-16, 16/09/2022 or 2022-09-16T08:30.",
        "Hãy ghi 16/09/2022, 2022-09-16 hoặc 2022-09-16T08:30.",
    ),
    "procedure_field_unclear": Message(
        "{field!r} names no field of procedure.",
        "{field!r} không phải tên lĩnh vực.",
        "Write its name or code, or leave the cell empty for all fields.",
        "Hãy ghi tên hoặc mã lĩnh vực, hoặc để trống nếu gồm mọi lĩnh vực.",
    ),
    "scope_unknown": Message(
        "The scope {scope!r} is neither own nor total.",
        "Phạm vi {scope!r} không phải own hay total.",
        "own: the unit without those below it; total: with them.",
        "own: riêng đơn vị; total: gồm cả các đơn vị trực thuộc.",
    ),
}
