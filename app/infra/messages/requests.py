"""Messages of requests, keys, files and shapes."""

from collections.abc import Mapping

from app.infra.messages.message import Message

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
    "document_too_large": Message(
        "The document is larger than {limit} bytes.",
        "Tài liệu lớn hơn {limit} byte.",
        "Look whether parts are repeated, or several sets stand in one file.",
        "Kiểm tra xem có phần bị lặp hoặc nhiều bộ nằm chung một tệp không.",
    ),
    "too_many_values": Message(
        "The document has more than {limit} values.",
        "Tài liệu có hơn {limit} giá trị.",
        "Look whether parts are repeated: a set of 500 items has about 5000.",
        "Kiểm tra xem có phần bị lặp không: bộ 500 mục có khoảng 5000 giá trị.",
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
        "What stands is revision {current}, If-Match names {given}; nothing was stored.",
        "Nội dung đang ở phiên bản {current}, If-Match nêu {given}; chưa lưu gì.",
        "Read it again, then repeat with its ETag.",
        "Đọc lại rồi gửi lại với ETag mới.",
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
    "nested_too_deeply": Message(
        "Nested deeper than {limit} levels.",
        "Lồng nhau quá {limit} cấp.",
        "Look for a bracket or an indentation that was not closed.",
        "Tìm dấu ngoặc chưa đóng hoặc chỗ thụt dòng sai.",
    ),
    "member_twice": Message(
        'The member "{name}" stands twice in one place.',
        'Trường "{name}" bị ghi hai lần ở cùng một chỗ.',
        "Keep one of them.",
        "Chỉ giữ lại một.",
    ),
    "aliases_refused": Message(
        "Line {line}: the YAML alias *{name} is not read.",
        "Dòng {line}: không chấp nhận bí danh (alias) YAML *{name}.",
        "Write out what it stands for.",
        "Ghi đầy đủ nội dung mà nó thay thế.",
    ),
    "tags_refused": Message(
        "Line {line}: the YAML tag {tag} is not read.",
        "Dòng {line}: không chấp nhận thẻ (tag) YAML {tag}.",
        "Write the plain value; quote it if it is text.",
        "Ghi giá trị trực tiếp; đặt trong dấu ngoặc kép nếu là chữ.",
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
        "A code has letters without accents, digits, . _ - only; an address begins with https://",
        "Mã chỉ gồm chữ không dấu, số, . _ - ; địa chỉ bắt đầu bằng https://",
    ),
    "wrong_length": Message(
        "Must have {minimum} to {maximum} characters or elements.",
        "Phải có từ {minimum} đến {maximum} phần tử.",
    ),
    "not_above": Message("Must be more than {gt}.", "Phải lớn hơn {gt}."),
    "not_printable": Message(
        "The text holds characters that cannot be printed.",
        "Chữ có ký tự không in được.",
        "Copy it as plain text.",
        "Chép lại dưới dạng văn bản thuần.",
    ),
    "not_a_list": Message("Must be a list.", "Phải là danh sách.", "[...]", "[...]"),
    "not_an_object": Message(
        "Must be an object with members.", "Phải là đối tượng có các trường.", "{{...}}", "{{...}}"
    ),
    "not_true_or_false": Message("Must be true or false.", "Phải là true hoặc false."),
    "kind_unknown": Message(
        'There is no kind "{tag}".',
        'Không có loại "{tag}".',
        "Known: {expected_tags}.",
        "Các loại hợp lệ: {expected_tags}.",
    ),
    "malformed": Message("Not valid here: {error}.", "Không hợp lệ: {error}."),
    "period_invalid": Message(
        '"{period}" names no period.',
        '"{period}" không phải là kỳ hợp lệ.',
        "2021, 2021-H1, 2021-Q3, 2021-09 or 2021-01-01/2021-09-15 (in URLs 2021-01-01--2021-09-15).",
        "2021, 2021-H1, 2021-Q3, 2021-09 hoặc 2021-01-01/2021-09-15 (trong URL: 2021-01-01--2021-09-15).",
    ),
}
