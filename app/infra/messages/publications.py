"""Messages of publications."""

from collections.abc import Mapping

from app.infra.messages.message import Message

MESSAGES: Mapping[str, Message] = {
    "publication_unknown": Message(
        "There is no publication {publication}.",
        "Không có bản công bố {publication}.",
        "GET /v1/rounds/<round>/publications lists those of a round.",
        "GET /v1/rounds/<round>/publications liệt kê các bản công bố của kỳ đánh giá.",
    ),
    "round_not_publishable": Message(
        "Round {round} is {state}: only an approved round is published, and again only after a correction.",
        "Kỳ đánh giá {round} đang ở bước {state}: chỉ công bố kỳ đã phê duyệt, và công bố lại sau khi đính "
        "chính.",
        "Move it to approved, or to correction if it was published.",
        "Chuyển kỳ sang approved, hoặc sang correction nếu đã công bố.",
    ),
    "correction_needs_reason": Message(
        "A publication that supersedes another one says why.",
        "Bản công bố thay thế bản trước phải nêu lý do.",
        "Fill in reason.",
        "Ghi lý do (reason).",
    ),
    "embargo_too_late": Message(
        "The results of this round are public already; they cannot be held back.",
        "Kết quả của kỳ này đã công khai, không thể đặt thời điểm phát hành.",
        "Leave release_at out.",
        "Bỏ release_at.",
    ),
    "signing_key_missing": Message(
        "This service has no key to sign publications with.",
        "Dịch vụ chưa có khóa để ký bản công bố.",
        "Make one with `parindex keys signing FILE` and set PARINDEX_SIGNING_KEY_FILE.",
        "Tạo khóa bằng `parindex keys signing TỆP` rồi đặt PARINDEX_SIGNING_KEY_FILE.",
    ),
    "publication_not_computable": Message(
        "The document contradicts itself; nothing can be computed from it: {error}",
        "Văn bản mâu thuẫn, không tính lại được: {error}",
    ),
    "publication_score_differs": Message(
        "The points are not what the figures of the document give.",
        "Điểm không khớp với số liệu trong văn bản.",
    ),
    "publication_differs": Message(
        "The document says {said}; computed from itself it is {computed}.",
        "Văn bản ghi {said}; tính lại từ chính văn bản là {computed}.",
    ),
}
