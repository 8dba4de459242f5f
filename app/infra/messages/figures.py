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
        "One of the two is wrong, or they were put into each other's place.",
        "Một trong hai số sai, hoặc hai cột bị đổi chỗ.",
    ),
    "no_columns": Message("No column is given.", "Không có cột số liệu nào."),
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
        "At least {owed} {what} are owed; not reported: {figures}.",
        "Ít nhất {owed} {what} phải thực hiện; chưa có số liệu: {figures}.",
    ),
    "duty_partly_reported": Message(
        "{figures}: {reported} of {expected} units reported.",
        "{figures}: mới có báo cáo của {reported}/{expected} đơn vị.",
    ),
    "duty_period_incomplete": Message(
        "{figures} of {unit}: {missing} is missing; nothing is composed from the other parts of the period.",
        "{figures} của {unit}: chưa có kỳ {missing}; không cộng các phần còn lại của kỳ.",
    ),
    "duty_not_composed": Message(
        "{figures} of {unit} is known for {parts} alone: parts of a period may count the same twice, so they "
        "are not added. Report it for the whole period.",
        "{figures} của {unit} chỉ có kỳ {parts}: các phần của kỳ có thể tính trùng nên không cộng. "
        "Cần báo cáo số của cả kỳ.",
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
    "fields_differ_from_whole": Message(
        "{column} of {unit}, {period}: the row of all fields says {whole}, its fields sum to {parts} "
        "(difference {difference}); the row of all fields stands.",
        "{column} của {unit}, kỳ {period}: dòng chung ghi {whole}, các lĩnh vực cộng lại {parts} "
        "(chênh {difference}); lấy dòng chung.",
    ),
    "period_incomplete": Message(
        "{unit} has no figures for {missing}; nothing is composed from the other parts of the period.",
        "{unit} chưa có số liệu kỳ {missing}; không cộng các phần còn lại của kỳ.",
    ),
    "period_reported_otherwise": Message(
        "{unit} has no figures for {missing} alone: reported only as {periods}, which cannot be divided; "
        "nothing is composed.",
        "{unit} không có số liệu riêng kỳ {missing}: chỉ báo cáo gộp kỳ {periods}, không tách được; "
        "không cộng các phần của kỳ.",
    ),
    "column_not_composed": Message(
        "{column} of {unit} is left out: not every part of the period knows it, or what was carried over.",
        "Không tính {column} của {unit}: có phần của kỳ thiếu số này hoặc số kỳ trước chuyển qua.",
    ),
    "period_differs_from_parts": Message(
        "{column} of {unit}: {period} as a whole says {whole}, its parts come to {parts} "
        "(difference {difference}); the whole stands.",
        "{column} của {unit}: số cả kỳ {period} là {whole}, các kỳ thành phần cộng lại {parts} "
        "(chênh {difference}); lấy số cả kỳ.",
    ),
    "breakdown_differs": Message(
        "{column}: the parts shown come to {parts}, the whole is {whole} (difference {difference}).",
        "{column}: các phần cộng lại {parts}, tổng là {whole} (chênh {difference}).",
    ),
    "not_comparable": Message(
        "{unit} came from units that were split since, or has a code that was another unit's ({split}): "
        "their counts are not its own.",
        "{unit} hình thành từ đơn vị đã bị chia tách, hoặc mang mã trước đây của đơn vị khác ({split}): "
        "không thể coi số liệu đó là của {unit}.",
    ),
    "field_not_divided": Message(
        'The counts of the one field "{field}" have no parts by field.',
        'Số liệu của riêng lĩnh vực "{field}" không chia tiếp theo lĩnh vực.',
        "Leave out field to see every field, or take by=level.",
        "Bỏ field để xem mọi lĩnh vực, hoặc dùng by=level.",
    ),
    "parts_do_not_meet": Message(
        "{unit}: the figures for {before} end on {ended}, those for {after} begin on {began}: days are "
        "missing or counted twice.",
        "{unit}: số liệu kỳ {before} kết thúc ngày {ended}, số liệu kỳ {after} bắt đầu ngày {began}: "
        "có ngày bị thiếu hoặc tính hai lần.",
    ),
    "unit_changed": Message(
        "{unit} is what it is since {since} only; figures of earlier days are of {origins}, and are not "
        "added to its own. With ?rollup=true&map=today they are.",
        "{unit} chỉ có như hiện nay từ {since}; số liệu trước đó là của {origins}, không cộng vào số liệu "
        "của {unit}. Dùng ?rollup=true&map=today để cộng.",
    ),
    "warning_not_standing": Message(
        'There is no warning "{rule}" about "{subject}".',
        'Không có cảnh báo "{rule}" về "{subject}".',
        "Take rule and subject from the warnings of GET .../dossier-statistics/....",
        "Lấy rule và subject từ warnings của GET .../dossier-statistics/....",
    ),
    "already_acknowledged": Message(
        "{by} has said already why this warning stands; the figures have not changed since.",
        "{by} đã giải trình cảnh báo này; từ đó số liệu chưa thay đổi.",
    ),
    "more_warnings": Message(
        "{count} more warnings of units below.", "Còn {count} cảnh báo khác của các đơn vị trực thuộc."
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
