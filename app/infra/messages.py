"""Every message in English and Vietnamese: {code: (en, vi)} and the hint how to mend it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["en", "vi"]


class Message(NamedTuple):
    """Templates; `{name}` is filled from the parameters of the fault."""

    en: str
    vi: str
    hint_en: str = ""
    hint_vi: str = ""


def render(code: str, params: Mapping[str, object], language: Language) -> tuple[str, str | None]:
    """(message, hint) of a code; hint None where there is none."""
    message = MESSAGES[code]
    text, hint = (message.en, message.hint_en) if language == "en" else (message.vi, message.hint_vi)
    return text.format_map(params), hint.format_map(params) or None


MESSAGES: Mapping[str, Message] = {
    # requests
    "invalid_input": Message(
        "The input has {count} error(s); nothing was stored.",
        "Dữ liệu có {count} lỗi; chưa lưu gì.",
    ),
    "not_found": Message("There is nothing at this address.", "Không có gì ở địa chỉ này."),
    "method_not_allowed": Message(
        "This method is not allowed here.", "Phương thức này không được phép ở đây."
    ),
    "internal": Message(
        "The service failed; the request id helps the operator to find out why.",
        "Dịch vụ gặp lỗi; mã yêu cầu giúp người vận hành tìm nguyên nhân.",
    ),
    "key_missing": Message(
        "This operation needs a key.",
        "Thao tác này cần khóa truy cập.",
        "Send the header Authorization: Bearer <key>.",
        "Gửi tiêu đề Authorization: Bearer <khóa>.",
    ),
    "key_wrong": Message("The key is not valid.", "Khóa truy cập không đúng."),
    "key_revoked": Message("This key was revoked.", "Khóa truy cập đã bị thu hồi."),
    "key_expired": Message("This key has expired.", "Khóa truy cập đã hết hạn."),
    "token_refused": Message(
        "The token is not taken: {error}.", "Mã thông báo không được chấp nhận: {error}."
    ),
    "scope_missing": Message(
        "This needs the scope {scopes}.",
        "Thao tác này cần quyền {scopes}.",
        "Ask whoever manages clients for it.",
        "Hãy đề nghị người quản lý khóa cấp quyền.",
    ),
    "scope_bound": Message(
        "This belongs to all units; your scope {scope} is bound: {bound}.",
        "Nội dung này thuộc mọi đơn vị; quyền {scope} của bạn chỉ gắn với: {bound}.",
    ),
    "outside_scope": Message(
        "Your scope {scopes} does not reach {units}; it is bound to {bound}.",
        "Quyền {scopes} của bạn không bao gồm {units}; quyền gắn với {bound}.",
    ),
    "reach_widened": Message(
        "This would let your own scopes {scopes} reach {unit}.",
        "Thay đổi này khiến các quyền {scopes} của chính bạn bao gồm {unit}.",
        "Somebody whose scopes are not bound must do it.",
        "Cần người có quyền không giới hạn thực hiện.",
    ),
    "own_unit": Message(
        "You report for {units}, and cannot appraise it.",
        "Bạn báo cáo cho {units} nên không được thẩm định đơn vị này.",
        "Somebody else must appraise it.",
        "Cần người khác thẩm định.",
    ),
    "grant_exceeds_own": Message(
        "You cannot hand out {grants}: it is not within your own grants, or not where you manage clients.",
        "Bạn không được cấp {grants}: quyền này nằm ngoài quyền của bạn hoặc ngoài phạm vi bạn quản lý khóa.",
    ),
    "grant_bound_twice": Message(
        "A grant is bound to a unit or to a group, not to both.",
        "Một quyền chỉ gắn với đơn vị hoặc với nhóm, không gắn với cả hai.",
        "Send two grants.",
        "Hãy gửi thành hai quyền.",
    ),
    "client_unknown": Message(
        'There is no client "{client}" among those that you manage.',
        'Không có ứng dụng "{client}" trong phạm vi bạn quản lý.',
    ),
    "client_exists": Message(
        'There is a client "{client}" already.',
        'Đã có ứng dụng "{client}".',
        "A code is never used again, not even after its key was revoked.",
        "Mã không được dùng lại, kể cả sau khi khóa đã bị thu hồi.",
    ),
    "client_code_reserved": Message(
        'The service itself acts under the name "{client}".',
        'Tên "{client}" dành riêng cho dịch vụ.',
    ),
    "expires_in_the_past": Message("expires_at lies in the past.", "expires_at đã qua."),
    "identity_unavailable": Message(
        "The identity provider does not answer; tokens cannot be checked.",
        "Hệ thống định danh không trả lời nên chưa kiểm tra được mã thông báo.",
    ),
    "rate_limited": Message(
        "More than {limit}; come again in {seconds} seconds.",
        "Vượt quá {limit}; hãy thử lại sau {seconds} giây.",
    ),
    "body_too_slow": Message(
        "The body did not arrive within {seconds} seconds.",
        "Nội dung không đến trong {seconds} giây.",
    ),
    "idempotency_key_reused": Message(
        'The Idempotency-Key "{key}" was used for another request.',
        'Idempotency-Key "{key}" đã dùng cho yêu cầu khác.',
        "A new request needs a new key.",
        "Yêu cầu mới cần khóa mới.",
    ),
    "file_too_large": Message("The file is larger than {limit} bytes.", "Tệp lớn hơn {limit} byte."),
    "file_type_refused": Message(
        "The file is none of {types} by its content.",
        "Theo nội dung, tệp không thuộc các loại {types}.",
        "Convert it, for example to PDF.",
        "Hãy chuyển đổi, ví dụ sang PDF.",
    ),
    "file_unknown": Message('You have no file "{sha256}".', 'Bạn không có tệp "{sha256}".'),
    "file_missing": Message('There is no file "{sha256}".', 'Không có tệp "{sha256}".'),
    "body_too_large": Message(
        "The body is larger than {limit} bytes.",
        "Nội dung lớn hơn {limit} byte.",
        "Send it in several requests.",
        "Hãy gửi thành nhiều yêu cầu.",
    ),
    "media_type_unsupported": Message(
        "The body must be {expected}.",
        "Nội dung phải là {expected}.",
        "Set the header Content-Type.",
        "Đặt tiêu đề Content-Type.",
    ),
    "database_unavailable": Message(
        "The database does not answer; try again in a moment.",
        "Cơ sở dữ liệu không trả lời; hãy thử lại sau giây lát.",
    ),
    "written_meanwhile": Message(
        "Somebody else wrote the same at this moment; nothing of this request was stored.",
        "Vừa có nơi khác ghi cùng nội dung; yêu cầu này chưa lưu gì.",
        "Read it again, then repeat.",
        "Đọc lại rồi gửi lại.",
    ),
    "unknown_parameter": Message(
        'Unknown query parameter "{name}".',
        'Tham số "{name}" không tồn tại.',
        "Known here: {known}.",
        "Tham số hợp lệ: {known}.",
    ),
    "cursor_invalid": Message(
        "The cursor is not one of ours.",
        "Con trỏ trang không hợp lệ.",
        "Take it from next_cursor of the page before.",
        "Lấy từ next_cursor của trang trước.",
    ),
    "precondition_failed": Message(
        "The sheet is at revision {current}, If-Match names {given}; nothing was stored.",
        "Phiếu đang ở phiên bản {current}, If-Match nêu {given}; chưa lưu gì.",
        "Read the sheet again, then repeat with its ETag.",
        "Đọc lại phiếu rồi gửi lại với ETag mới.",
    ),
    # shapes (pydantic)
    "missing": Message("This member is required.", "Thiếu trường bắt buộc."),
    "unknown_member": Message(
        "Unknown member.", "Trường không tồn tại.", "Remove it, or mend its name.", "Xóa hoặc sửa tên trường."
    ),
    "json_invalid": Message(
        "The body is not valid JSON: {error}.", "Nội dung không phải JSON hợp lệ: {error}."
    ),
    "yaml_invalid": Message(
        "The body is not valid YAML: {error}.", "Nội dung không phải YAML hợp lệ: {error}."
    ),
    "not_finite": Message(
        "NaN and infinity are no numbers of points.",
        "NaN và vô cực không phải là điểm số.",
        "Give a number, or null with not_applicable.",
        "Ghi một số, hoặc null kèm not_applicable.",
    ),
    "too_many_decimals": Message(
        "At most 4 decimals.", "Tối đa 4 chữ số thập phân.", "Round half up to 4.", "Làm tròn đến 4 chữ số."
    ),
    "below_minimum": Message("Must be at least {minimum}.", "Phải lớn hơn hoặc bằng {minimum}."),
    "above_maximum": Message("Must be at most {maximum}.", "Phải nhỏ hơn hoặc bằng {maximum}."),
    "not_whole": Message("Must be a whole number.", "Phải là số nguyên."),
    "not_a_number": Message("Must be a number.", "Phải là số."),
    "not_text": Message(
        "Must be text.",
        "Phải là chuỗi ký tự.",
        'Put it in quotes: "1.10" is a code, 1.10 is the number 1.1.',
        'Đặt trong ngoặc kép: "1.10" là mã, 1.10 là số 1,1.',
    ),
    "not_one_of": Message("Must be one of {expected}.", "Phải là một trong {expected}."),
    "not_a_date": Message("Must be a date YYYY-MM-DD.", "Phải là ngày dạng YYYY-MM-DD."),
    "not_an_instant": Message(
        "Must be an instant with a zone, like 2021-09-30T17:00:00+07:00.",
        "Phải là thời điểm có múi giờ, ví dụ 2021-09-30T17:00:00+07:00.",
    ),
    "wrong_pattern": Message(
        "Must match {pattern}.",
        "Phải khớp với {pattern}.",
        "Letters, digits, . _ - only.",
        "Chỉ chữ, số, . _ -.",
    ),
    "wrong_length": Message(
        "Must have {minimum} to {maximum} characters or elements.",
        "Phải có từ {minimum} đến {maximum} phần tử.",
    ),
    "malformed": Message("Not valid here: {error}.", "Không hợp lệ: {error}."),
    "period_invalid": Message(
        '"{period}" names no period.',
        '"{period}" không phải là kỳ hợp lệ.',
        "2021, 2021-H1, 2021-Q3, 2021-09 or 2021-01-01/2021-09-15 (in URLs 2021-01-01--2021-09-15).",
        "2021, 2021-H1, 2021-Q3, 2021-09 hoặc 2021-01-01/2021-09-15 (trong URL: 2021-01-01--2021-09-15).",
    ),
    # units
    "unit_unknown": Message('There is no unit "{unit}".', 'Không có đơn vị "{unit}".'),
    "unit_not_valid_on": Message(
        'Unit "{unit}" does not exist on {on}.',
        'Đơn vị "{unit}" không tồn tại vào ngày {on}.',
        "It exists {versions}.",
        "Đơn vị tồn tại {versions}.",
    ),
    "interval_reversed": Message("valid_to lies before valid_from.", "valid_to trước valid_from."),
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
    ),
    "framework_total_differs": Message(
        "The {level} sum to {sum} ({parts}), but total_points is {stated}: {sign}{difference}.",
        "Tổng điểm {level} là {sum} ({parts}), nhưng total_points là {stated}: {sign}{difference}.",
        "Correct the maxima or total_points; a maximum that is not known is null.",
        "Sửa điểm tối đa hoặc total_points; điểm chưa biết ghi null.",
    ),
    "children_do_not_sum": Message(
        'The {level} of "{node}" sum to {sum} ({parts}), but its max_points is {stated}: {sign}{difference}.',
        'Tổng {level} của "{node}" là {sum} ({parts}), nhưng max_points là {stated}: {sign}{difference}.',
        "Correct the maxima; one that is not known is null.",
        "Sửa điểm tối đa; điểm chưa biết ghi null.",
    ),
    "children_exceed_parent": Message(
        'The known {level} of "{node}" already sum to {sum}, more than {stated}, by {difference}.',
        'Các {level} đã biết của "{node}" có tổng {sum}, vượt {stated} là {difference}.',
    ),
    "code_twice": Message(
        'Code "{node}" stands twice, first at {first}.', 'Mã "{node}" bị lặp, lần đầu ở {first}.'
    ),
    "item_has_children": Message(
        "A node with children has no source and no rule.", "Mục có mục con thì không có source và rule."
    ),
    "rate_needs_statistic": Message(
        'Item "{node}" is scored from a figure, so its source is statistic, not {source}.',
        'Mục "{node}" chấm từ số liệu nên source phải là statistic, không phải {source}.',
    ),
    "rule_needs_maximum": Message(
        'The rule of "{node}" needs a known max_points.', 'Quy tắc của "{node}" cần biết max_points.'
    ),
    "step_does_not_divide": Message(
        'The maximum of "{node}" is no multiple of the step {step}.',
        'Điểm tối đa của "{node}" không chia hết cho bước {step}.',
    ),
    "steps_not_descending": Message(
        'The steps of "{node}" must go from the highest rate to the lowest.',
        'Các mức của "{node}" phải đi từ cao xuống thấp.',
    ),
    "steps_points_not_descending": Message(
        'A lower step of "{node}" must give fewer points.', 'Mức thấp hơn của "{node}" phải có ít điểm hơn.'
    ),
    "step_needs_one_end": Message(
        'A step has either "from" (that rate or more) or "above" (more than it).',
        'Mỗi mức ghi "from" (từ mức đó) hoặc "above" (trên mức đó).',
    ),
    "bands_not_descending": Message(
        "Bands must go from the highest to the lowest.", "Các mức xếp loại phải đi từ cao xuống thấp."
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
    "aliases_refused": Message("YAML aliases are not read.", "Không chấp nhận bí danh (alias) YAML."),
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
        "group= one of {groups}.",
        "group= một trong {groups}.",
    ),
    "area_unknown": Message(
        'There is no area "{area}".',
        'Không có lĩnh vực "{area}".',
        "Areas: {areas}.",
        "Các lĩnh vực: {areas}.",
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
