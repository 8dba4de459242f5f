"""Messages of statistics, evidence and findings."""

from collections.abc import Mapping

from app.infra.messages.message import Message

MESSAGES: Mapping[str, Message] = {
    # statistics
    "statistics_unknown": Message(
        "No figures of {unit} for {period}.", "Chưa có số liệu của {unit} kỳ {period}."
    ),
    "part_larger_than_whole": Message(
        "{part} ({part_value}) is larger than {whole} ({whole_value}).",
        "{part} ({part_value}) lớn hơn {whole} ({whole_value}).",
    ),
    "no_columns": Message("No column is given.", "Không có cột số liệu nào."),
    "identity_broken": Message(
        "{whole} is {whole_value}, but {parts} = {sum} (difference {difference}).",
        "{whole} là {whole_value}, nhưng {parts} = {sum} (chênh {difference}).",
    ),
    "parts_exceed_whole": Message(
        "{parts} = {sum}, more than {whole} {whole_value} (difference {difference}).",
        "{parts} = {sum}, lớn hơn {whole} {whole_value} (chênh {difference}).",
    ),
    "carried_over_unknown": Message(
        "carried_over is not known and counts as none in online_percent.",
        "Chưa biết carried_over; khi tính online_percent coi như không có.",
    ),
    "total_differs_from_parts": Message(
        "{column} of {unit}: the total row says {total}, its parts sum to {parts} (difference {difference}); "
        "the total row stands.",
        "{column} của {unit}: dòng tổng ghi {total}, các phần cộng lại {parts} (chênh {difference}); "
        "lấy dòng tổng.",
    ),
    "column_partly_known": Message(
        "{column} is known in {known} of {rows} reports; it is left out of the sum.",
        "{column} chỉ có trong {known}/{rows} báo cáo; không đưa vào tổng.",
    ),
    # measures and duties
    "measure_unknown": Message(
        'There is no measure "{measure}" in the catalogue.',
        'Danh mục không có chỉ tiêu "{measure}".',
        "GET /v1/measures?q=... finds the codes that there are; PUT /v1/measures/<code> adds one.",
        "Tìm mã bằng GET /v1/measures?q=...; thêm mã mới bằng PUT /v1/measures/<mã>.",
    ),
    "measure_code_differs": Message(
        'The entry says "{document}", the address "{path}".',
        'Nội dung ghi "{document}", địa chỉ ghi "{path}".',
    ),
    "duty_figures_unknown": Message("Not reported: {figures}.", "Chưa có số liệu: {figures}."),
    "duty_owed_at_least": Message(
        "At least {owed} are owed; not reported: {figures}.",
        "Ít nhất {owed} phải thực hiện; chưa có số liệu: {figures}.",
    ),
    "duty_partly_reported": Message(
        "{figures}: {reported} of {expected} units reported.",
        "{figures}: mới có báo cáo của {reported}/{expected} đơn vị.",
    ),
    "duty_done_exceeds_owed": Message(
        "{done} done are more than the {owed} owed; one of the two reports is wrong.",
        "Đã thực hiện {done}, nhiều hơn {owed} phải thực hiện; một trong hai số liệu chưa đúng.",
    ),
    "duty_overdue_exceeds_open": Message(
        "{overdue} overdue are more than the {open} open; one of the reports is wrong.",
        "Quá hạn {overdue}, nhiều hơn {open} chưa thực hiện; một trong các số liệu chưa đúng.",
    ),
    "duty_law_not_in_force": Message(
        "{documents} is not in force on {on}; whether other law asks for the same is not known here.",
        "{documents} không có hiệu lực vào ngày {on}; chưa rõ văn bản khác có quy định tương tự hay không.",
    ),
    # evidence and findings
    "evidence_unknown": Message(
        'No score that you may see relies on a document "{evidence}".',
        'Không có điểm nào trong phạm vi của bạn dựa trên tài liệu "{evidence}".',
    ),
    "finding_unknown": Message('There is no finding "{finding}".', 'Không có kết luận kiểm tra "{finding}".'),
    "finding_needs_round_or_period": Message(
        "A finding belongs to a round or to a period: give exactly one of the two.",
        "Kết luận kiểm tra thuộc một kỳ đánh giá hoặc một khoảng thời gian: ghi đúng một trong hai.",
        "Leave out round or period.",
        "Chỉ ghi round hoặc chỉ ghi period.",
    ),
    "finding_dates_reversed": Message(
        "{later} lies before found_on.",
        "{later} trước found_on.",
        "Mend one of the two.",
        "Sửa một trong hai.",
    ),
    "finding_resolved_in_future": Message(
        "resolved_on lies in the future.",
        "resolved_on ở tương lai.",
        "Leave it out until it is resolved.",
        "Bỏ trống cho đến khi khắc phục xong.",
    ),
    "finding_of_other_unit": Message(
        'The finding "{finding}" is of another unit; that does not change.',
        'Kết luận kiểm tra "{finding}" thuộc đơn vị khác và không chuyển được.',
        "Write a finding with a code of its own.",
        "Hãy ghi kết luận mới với mã riêng.",
    ),
    "measure_is_counted": Message(
        'The measure "{measure}" is counted by the service itself.',
        'Chỉ tiêu "{measure}" do hệ thống tự đếm.',
        "Write the findings: PUT /v1/findings/....",
        "Hãy ghi kết luận kiểm tra: PUT /v1/findings/....",
    ),
    "measure_form": Message(
        "A measure is numerator and denominator, or value, or percent.",
        "Chỉ tiêu gồm numerator và denominator, hoặc value, hoặc percent.",
    ),
    "data_interval_reversed": Message("data_to lies before data_from.", "data_to trước data_from."),
}
