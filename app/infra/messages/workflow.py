"""Messages of rounds, sheets and scores."""

from collections.abc import Mapping

from app.infra.messages.message import Message

MESSAGES: Mapping[str, Message] = {
    # rounds
    "round_unknown": Message('There is no round "{round}".', 'Không có kỳ đánh giá "{round}".'),
    "round_not_draft": Message(
        'Round "{round}" is in state {state}; its settings no longer change.',
        'Kỳ đánh giá "{round}" ở trạng thái {state}; không còn sửa được thiết lập.',
    ),
    "round_not_started": Message(
        'Round "{round}" is still a draft and has no results.',
        'Kỳ đánh giá "{round}" còn là dự thảo, chưa có kết quả.',
        "Move it to self_assessment.",
        "Chuyển sang self_assessment.",
    ),
    "unit_in_two_groups": Message('Unit "{unit}" stands twice.', 'Đơn vị "{unit}" bị lặp.'),
    "group_twice": Message('Group "{group}" stands twice.', 'Nhóm "{group}" bị lặp.'),
    "group_unknown": Message(
        'Round "{round}" has no group "{group}".',
        'Kỳ "{round}" không có nhóm "{group}".',
        "Groups: {groups}.",
        "Các nhóm: {groups}.",
    ),
    "group_needed": Message(
        "This round has several groups; say which.",
        "Kỳ này có nhiều nhóm; hãy chọn một nhóm.",
        "{parameter}= one of {groups}.",
        "{parameter}= một trong {groups}.",
    ),
    "area_unknown": Message(
        'There is no area "{area}".',
        'Không có lĩnh vực "{area}".',
        "Areas: {areas}.",
        "Các lĩnh vực: {areas}.",
    ),
    "area_and_reform_area": Message(
        "A ranking is of one area or of one reform area, not of both.",
        "Một bảng xếp hạng theo một lĩnh vực hoặc một nội dung cải cách, không theo cả hai.",
        "Leave out area or reform_area.",
        "Hãy bỏ area hoặc reform_area.",
    ),
    "reform_area_absent": Message(
        'No area of the criteria set belongs to the reform area "{reform_area}".',
        'Bộ chỉ số không có lĩnh vực nào thuộc nội dung cải cách "{reform_area}".',
        "Reform areas: {areas}.",
        "Các nội dung cải cách: {areas}.",
    ),
    "region_unknown": Message(
        'None of these units is in the region "{region}".',
        'Không đơn vị nào ở đây thuộc vùng "{region}".',
        "Regions of these units: {regions}.",
        "Các vùng của những đơn vị này: {regions}.",
    ),
    "round_without_units": Message("The round has no units.", "Kỳ đánh giá chưa có đơn vị."),
    "transition_not_allowed": Message(
        "The round is in state {state}; from there it goes to {allowed}.",
        "Kỳ đánh giá ở trạng thái {state}; chỉ có thể chuyển sang {allowed}.",
    ),
    "previous_round_is_itself": Message("A round cannot precede itself.", "Kỳ trước không thể là chính nó."),
    "unit_not_participant": Message(
        'Unit "{unit}" takes no part in round "{round}".',
        'Đơn vị "{unit}" không tham gia kỳ "{round}".',
        "Its units: GET /v1/rounds/{round}",
        "Xem các đơn vị tại GET /v1/rounds/{round}",
    ),
    "deadlines_not_ascending": Message(
        "The deadline of {phase} must be after that of {before}.",
        "Hạn của {phase} phải sau hạn của {before}.",
    ),
    "reason_needed": Message(
        "This step needs a reason.", "Bước này cần nêu lý do.", "Set reason.", "Ghi reason."
    ),
    # sheets
    "sheet_submitted": Message(
        "The sheet was submitted in {state}; the unit's side is locked.",
        "Phiếu đã nộp ở bước {state}; phần của đơn vị đã khóa.",
        "The appraisal can return it.",
        "Bên thẩm định có thể trả lại phiếu.",
    ),
    "deadline_passed": Message(
        "The deadline of {state} was {deadline}; the unit's side is locked for this round.",
        "Hạn của bước {state} là {deadline}; phần của đơn vị trong kỳ này đã khóa.",
        "The appraisal can return the sheet with a new date (until).",
        "Bên thẩm định có thể trả lại phiếu với hạn mới (until).",
    ),
    "sheet_not_in_units_hands": Message(
        "In state {state} units neither submit nor get back their sheets.",
        "Ở trạng thái {state} đơn vị không nộp và không nhận lại phiếu.",
        "That is done in self_assessment and in explanation.",
        "Việc này thực hiện ở self_assessment và explanation.",
    ),
    "sheet_not_submitted": Message(
        "The sheet is still in the hands of its unit.", "Phiếu vẫn đang ở đơn vị."
    ),
    "until_in_the_past": Message("until lies in the past.", "until đã qua."),
    "until_needed": Message(
        "The deadline {deadline} has passed: say until when the unit may write.",
        "Đã quá hạn {deadline}: cần ghi thời hạn mới cho đơn vị.",
        "Set until.",
        "Ghi until.",
    ),
    "stage_closed": Message(
        'Stage "{stage}" is not written in state {state}, but in: {states}.',
        'Giai đoạn "{stage}" không ghi ở trạng thái {state} mà ở: {states}.',
    ),
    # scores
    "ranking_needs_all": Message(
        "A ranking that is not published yet shows every unit: it needs {scope} for all of its group.",
        "Xếp hạng chưa công bố cho thấy mọi đơn vị: cần {scope} cho cả nhóm.",
        "Your own units: GET .../indices/...",
        "Xem đơn vị của bạn tại GET .../indices/...",
    ),
    "if_match_of_one_unit": Message(
        "If-Match names the sheet of one unit; this batch is of {units}.",
        "If-Match chỉ nêu phiếu của một đơn vị; lô này có {units} đơn vị.",
        "Send one batch for each unit, or leave If-Match out.",
        "Gửi riêng từng đơn vị, hoặc bỏ If-Match.",
    ),
    "explanation_without_text": Message(
        "An explanation is text: give it as the reason.",
        "Giải trình là văn bản: ghi vào reason.",
    ),
    "explanation_with_points": Message(
        "An explanation gives no points.", "Giải trình không cho điểm.", "Leave points out.", "Bỏ points."
    ),
    "evidence_missing": Message(
        'Item "{item}" asks for evidence.',
        'Mục "{item}" yêu cầu tài liệu kiểm chứng.',
        "Attach it, or say in reason why there is none.",
        "Đính kèm tài liệu, hoặc nêu lý do trong reason.",
    ),
    "removed_without_reason": Message(
        'This takes {removed} points of item "{item}" away, and needs a reason.',
        'Thao tác này trừ {removed} điểm của mục "{item}" nên cần lý do.',
        "Set reason.",
        "Ghi reason.",
    ),
    "item_unknown": Message(
        'Framework {framework} has no item "{item}".',
        'Bộ chỉ số {framework} không có mục chấm điểm "{item}".',
        "Its items: GET /v1/frameworks/.../versions/...",
        "Xem các mục tại GET /v1/frameworks/.../versions/...",
    ),
    "points_above_maximum": Message(
        "{points} points are more than the maximum {max_points}.",
        "{points} điểm vượt điểm tối đa {max_points}.",
        "Give 0 to {max_points}.",
        "Ghi từ 0 đến {max_points}.",
    ),
    "points_above_shared_maximum": Message(
        "With {points} points the items {items} come to {sum}, more than their common maximum {max_points}.",
        "Với {points} điểm, các mục {items} có tổng {sum}, vượt điểm tối đa chung {max_points}.",
        "Lower one of them, or send lower points of the others first.",
        "Giảm điểm một mục, hoặc gửi điểm thấp hơn của các mục kia trước.",
    ),
    "points_missing": Message(
        "Neither points nor not_applicable.",
        "Thiếu cả points và not_applicable.",
        "Give points, or not_applicable: true; to withdraw a score, points null with a reason.",
        "Ghi points, hoặc not_applicable: true; để rút điểm, ghi points null kèm reason.",
    ),
    "points_with_not_applicable": Message(
        "An item that does not apply has no points.",
        "Mục không áp dụng thì không có điểm.",
        "Leave points out.",
        "Bỏ points.",
    ),
    "not_applicable_unknown_maximum": Message(
        'Item "{item}" cannot be left out: its own maximum is not known.',
        'Không thể loại mục "{item}": chưa biết điểm tối đa riêng.',
    ),
    "points_off_step": Message(
        "{points} is no multiple of the step {step}.", "{points} không phải bội số của bước {step}."
    ),
    "points_not_an_option": Message(
        "{points} is none of the points that the rule gives: {allowed}.",
        "{points} không thuộc các mức điểm của quy tắc: {allowed}.",
    ),
    "stage_not_writable": Message(
        'In state {state} stage "{stage}" of item "{item}" (source {source}) cannot be written.',
        'Ở trạng thái {state} không ghi được giai đoạn "{stage}" của mục "{item}" (nguồn {source}).',
        "Writable now: {allowed}.",
        "Hiện ghi được: {allowed}.",
    ),
    "round_closed": Message(
        'Round "{round}" is in state {state}; no scores are taken now.',
        'Kỳ đánh giá "{round}" ở trạng thái {state}; hiện không nhận điểm.',
    ),
    "reason_missing": Message(
        'Stage "{stage}" overrides or corrects a {source} item and needs a reason.',
        'Giai đoạn "{stage}" ghi đè hoặc đính chính mục nguồn {source} nên cần lý do.',
        "Set reason.",
        "Ghi reason.",
    ),
    "duplicate_row": Message(
        "The same unit, item and stage stand at /scores/{first}.",
        "Trùng đơn vị, mục và giai đoạn với /scores/{first}.",
        "Send each score once.",
        "Mỗi điểm chỉ gửi một lần.",
    ),
    "too_many_rows": Message(
        "{count} rows; at most {limit} at once.", "{count} dòng; tối đa {limit} dòng mỗi lần."
    ),
}
