"""Messages of units and criteria sets."""

from collections.abc import Mapping

from app.infra.messages.message import Message

MESSAGES: Mapping[str, Message] = {
    # units
    "unit_unknown": Message(
        'There is no unit "{unit}".',
        'Không có đơn vị "{unit}".',
        "Check the code (GET /v1/units?q=...); a code may have a leading zero.",
        "Hãy kiểm tra mã đơn vị (GET /v1/units?q=...); mã có thể bắt đầu bằng số 0.",
    ),
    "unit_not_valid_on": Message(
        'Unit "{unit}" does not exist on {on}.',
        'Đơn vị "{unit}" không tồn tại vào ngày {on}.',
        "It exists {versions}.",
        "Đơn vị tồn tại {versions}.",
    ),
    "interval_reversed": Message(
        "valid_to lies before valid_from.",
        "Ngày kết thúc (valid_to) trước ngày bắt đầu (valid_from).",
        "Mend one of the two days.",
        "Sửa một trong hai ngày.",
    ),
    "nation_has_no_parent": Message("A nation has no parent.", "Quốc gia không có đơn vị cấp trên."),
    "parent_missing": Message(
        "A unit of kind {kind} needs a parent.",
        "Đơn vị loại {kind} cần đơn vị cấp trên.",
        "Set parent_code.",
        "Ghi parent_code.",
    ),
    "parent_kind_refused": Message(
        "A {kind} cannot stand under a {parent}.",
        "Đơn vị loại {kind} không thể thuộc {parent}.",
        "Possible parents: {allowed}.",
        "Cấp trên hợp lệ: {allowed}.",
    ),
    "parent_not_valid": Message(
        'Parent "{parent}" does not exist through the whole of {interval}.',
        'Cấp trên "{parent}" không tồn tại trong suốt {interval}.',
        "It exists {versions}; give valid_from and valid_to within.",
        "Cấp trên tồn tại {versions}; hãy đặt valid_from, valid_to trong khoảng đó.",
    ),
    "parent_is_below": Message(
        'Unit "{unit}" would stand below itself.', 'Đơn vị "{unit}" sẽ trực thuộc chính nó.'
    ),
    "district_has_ended": Message(
        "Districts end on 2025-06-30.",
        "Cấp huyện kết thúc ngày 30/6/2025.",
        "Set valid_to to 2025-06-30 or earlier.",
        "Đặt valid_to không sau 2025-06-30.",
    ),
    "commune_under_district_has_ended": Message(
        "Since 2025-07-01 a {kind} stands directly under the province.",
        "Từ 01/7/2025 {kind} trực thuộc tỉnh.",
        "Set valid_to to 2025-06-30, and a new version under the province from 2025-07-01.",
        "Đặt valid_to là 2025-06-30 và tạo phiên bản mới thuộc tỉnh từ 2025-07-01.",
    ),
    "version_overlap": Message(
        "This version overlaps the one of {interval}.", "Phiên bản này trùng thời gian với {interval}."
    ),
    "children_outlive": Message(
        "Units below would have no parent: {children}.",
        "Các đơn vị trực thuộc sẽ mất cấp trên: {children}.",
        "End or move them first.",
        "Hãy kết thúc hoặc chuyển các đơn vị đó trước.",
    ),
    "children_misplaced": Message(
        "Units below would stand under a wrong kind, or in another province: {children}.",
        "Các đơn vị trực thuộc sẽ đứng dưới loại đơn vị không hợp lệ hoặc thuộc tỉnh khác: {children}.",
        "End their versions first, then give them new ones.",
        "Hãy kết thúc phiên bản của các đơn vị đó trước, rồi tạo phiên bản mới.",
    ),
    "unit_in_use": Message(
        'Figures or rounds of "{unit}" belong to {jurisdiction}, where it would no longer be on their day.',
        'Số liệu hoặc kỳ đánh giá của "{unit}" thuộc {jurisdiction}, nơi đơn vị sẽ không còn vào ngày đó.',
        "Give the move a valid_from of its own, after these.",
        "Hãy ghi lần chuyển này với valid_from riêng, sau các kỳ đó.",
    ),
    "parent_changes_province": Message(
        'Parent "{parent}" belongs to several provinces in {interval}: {provinces}.',
        'Cấp trên "{parent}" thuộc nhiều tỉnh trong {interval}: {provinces}.',
        "Give one version for each.",
        "Hãy tạo một phiên bản cho mỗi tỉnh.",
    ),
    # frameworks
    "framework_unknown": Message('There is no framework "{framework}".', 'Không có bộ chỉ số "{framework}".'),
    "framework_code_differs": Message(
        'The document says "{document}", the address "{path}".',
        'Tài liệu ghi "{document}", địa chỉ ghi "{path}".',
    ),
    "framework_published": Message(
        '"{framework}" is published and never changes.',
        'Bộ chỉ số "{framework}" đã công bố, không được thay đổi.',
        "An amendment is a new version.",
        "Sửa đổi phải là phiên bản mới.",
    ),
    "framework_not_published": Message(
        'Framework "{framework}" is still a draft.',
        'Bộ chỉ số "{framework}" còn là dự thảo.',
        "Publish it first: POST /v1/frameworks/.../publish.",
        "Hãy công bố trước: POST /v1/frameworks/.../publish.",
    ),
    "framework_items_unbounded": Message(
        'Framework "{framework}" cannot be used in a round: the maximum of {items} is not known.',
        'Không thể dùng bộ chỉ số "{framework}" cho kỳ đánh giá: chưa biết điểm tối đa của {items}.',
        "It can be read and compared; for a round, load a version in which these maxima are known.",
        "Bộ này chỉ để đọc và so sánh; để chấm điểm, hãy nạp phiên bản đã biết các điểm tối đa đó.",
    ),
    "framework_total_differs": Message(
        "The {level} sum to {sum} ({parts}), but total_points is {stated}: {sign}{difference}.",
        "Các lĩnh vực ({level}) có tổng điểm {sum} ({parts}), nhưng tổng điểm (total_points) ghi {stated}: "
        "{sign}{difference}.",
        "Correct the maxima or total_points; a maximum that is not known is null.",
        "Sửa điểm tối đa hoặc tổng điểm; điểm chưa biết ghi null (trong sổ tính: chưa biết).",
    ),
    "children_do_not_sum": Message(
        'The {level} of "{node}" sum to {sum} ({parts}), but its max_points is {stated}: {sign}{difference}.',
        'Các mục con ({level}) của "{node}" có tổng điểm tối đa {sum} ({parts}), nhưng mục này ghi {stated}: '
        "{sign}{difference}.",
        "Correct the maxima; one that is not known is null.",
        "Sửa điểm tối đa; điểm chưa biết ghi null (trong sổ tính: chưa biết).",
    ),
    "children_exceed_parent": Message(
        'The known {level} of "{node}" already sum to {sum}, more than {stated}, by {difference}.',
        'Các {level} đã biết của "{node}" có tổng {sum}, vượt {stated} là {difference}.',
    ),
    "code_twice": Message(
        'Code "{node}" stands twice, first at {first}.',
        'Mã "{node}" bị lặp, lần đầu ở {first}.',
        "Every area, criterion and sub-criterion has a code of its own.",
        "Mỗi lĩnh vực, tiêu chí, tiêu chí thành phần có một mã riêng.",
    ),
    "item_has_children": Message(
        "A node with children has no source and no rule.",
        "Mục có mục con thì không có nguồn điểm (source) và quy tắc (rule).",
        "Leave them to the children.",
        "Chỉ ghi ở các mục con.",
    ),
    "rate_needs_statistic": Message(
        'Item "{node}" is scored from a figure, so its source is {needed}, not {source}.',
        'Mục "{node}" chấm từ số liệu nên nguồn điểm (source) phải là {needed}, không phải {source}.',
        "Mend the source, or leave it out: the rule says it.",
        "Sửa nguồn điểm, hoặc để trống: quy tắc đã cho biết.",
    ),
    "parts_do_not_sum": Message(
        'The parts of "{node}" sum to {sum}, but its maximum is {max_points}.',
        'Các phần của "{node}" có tổng {sum}, nhưng điểm tối đa là {max_points}.',
        "Correct the parts or the maximum.",
        "Sửa điểm các phần hoặc điểm tối đa.",
    ),
    "floor_above_full": Message(
        'Item "{node}" gives nothing below {floor} %, but is full from {full_at} % on.',
        'Mục "{node}" không cho điểm dưới {floor} % nhưng đạt tối đa từ {full_at} %.',
        "The floor is at most the rate that gives all.",
        "Ngưỡng 0 điểm không được cao hơn ngưỡng điểm tối đa.",
    ),
    "unknown_figure": Message(
        '"{figure}" names no figure.',
        '"{figure}" không phải là số liệu hợp lệ.',
        "measure:<code>, measure:<code>/numerator, measure:<code>/denominator, or dossier:<column>.",
        "measure:<mã>, measure:<mã>/numerator, measure:<mã>/denominator hoặc dossier:<cột>.",
    ),
    "condition_form": Message(
        "A condition reads one rate or one figure, and has a bound.",
        "Mỗi điều kiện đọc một tỷ lệ hoặc một số liệu và có ít nhất một ngưỡng.",
        "rate or figure, with from, above, to or below.",
        "Tỷ lệ (rate) hoặc số liệu (figure), kèm từ (from), trên (above), đến (to) hoặc dưới (below).",
    ),
    "condition_never_holds": Message(
        'A condition of "{node}" asks for more than it allows: it can never hold.',
        'Một điều kiện của "{node}" có ngưỡng dưới vượt ngưỡng trên: không bao giờ đạt.',
        "Look at from and above beside to and below.",
        "Xem lại from, above so với to, below.",
    ),
    "figure_twice": Message(
        'The figure "{figure}" counts twice in the rule of "{node}".',
        'Số liệu "{figure}" bị tính hai lần trong quy tắc của "{node}".',
        "Each answer or score has a figure of its own.",
        "Mỗi mức trả lời hoặc mức điểm có số liệu riêng.",
    ),
    "rule_needs_maximum": Message(
        'The rule of "{node}" needs a known maximum (max_points).',
        'Quy tắc của "{node}" cần biết điểm tối đa (max_points).',
        "Give the maximum, or leave the rule out.",
        "Ghi điểm tối đa, hoặc bỏ quy tắc.",
    ),
    "per_event_missing": Message(
        "Points that a figure counts need per_event: points for each event.",
        "Điểm tính theo số liệu cần số điểm cho mỗi lần (per_event).",
    ),
    "step_does_not_divide": Message(
        'The maximum of "{node}" is no multiple of the step {step}.',
        'Điểm tối đa của "{node}" không chia hết cho bước {step}.',
        "Correct the step or the maximum.",
        "Sửa bước hoặc điểm tối đa.",
    ),
    "steps_not_descending": Message(
        'The steps of "{node}" must go from the highest rate to the lowest.',
        'Các mức của "{node}" phải đi từ cao xuống thấp.',
        "Put the highest rate first.",
        "Xếp mức cao nhất lên đầu.",
    ),
    "steps_points_not_descending": Message(
        'A lower step of "{node}" must give fewer points.',
        'Mức thấp hơn của "{node}" phải có ít điểm hơn.',
        "Put the most points first, each step below with fewer.",
        "Xếp mức nhiều điểm nhất lên đầu, các mức sau ít điểm dần.",
    ),
    "step_needs_one_end": Message(
        'A step has either "from" (that rate or more) or "above" (more than it).',
        "Mỗi mức ghi một giới hạn dưới: từ (from, gồm cả tỷ lệ đó) hoặc trên (above, không gồm).",
        "Give one of the two.",
        "Chỉ ghi một trong hai.",
    ),
    "threshold_twice": Message(
        "Two steps begin at {percent} %, so it is not said which one counts.",
        "Hai mức cùng bắt đầu từ {percent} %, không rõ mức nào được tính.",
        "Keep one of them, or let the higher one begin above it.",
        "Chỉ giữ một mức, hoặc cho mức cao hơn bắt đầu trên tỷ lệ đó.",
    ),
    "bands_not_descending": Message(
        "Bands must go from the highest to the lowest.",
        "Các mức xếp loại phải đi từ cao xuống thấp.",
        "Put the highest first.",
        "Xếp loại cao nhất lên đầu.",
    ),
    "unknown_tie_key": Message(
        'Unknown tie key "{key}".',
        'Khóa phân hạng "{key}" không tồn tại.',
        "Known: {known}.",
        "Hợp lệ: {known}.",
    ),
    "unknown_rate": Message(
        '"{rate}" names no rate.',
        '"{rate}" không phải là tỷ lệ hợp lệ.',
        "measure:<code> or one of {known}.",
        "measure:<mã> hoặc một trong {known}.",
    ),
}
