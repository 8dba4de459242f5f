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
    "format_of_now_alone": Message(
        "SDMX tells results as published, of now: its keys have no place for a map or an instant.",
        "SDMX chỉ thể hiện kết quả đã công bố hiện tại, không có chỗ cho bản đồ hay thời điểm khác.",
        "Take another format, or leave map and known_at out.",
        "Chọn định dạng khác, hoặc bỏ map và known_at.",
    ),
    "known_at_too_late": Message(
        "What was known then may still change while something is being written.",
        "Số liệu tại thời điểm này còn có thể thay đổi do đang có giao dịch ghi dữ liệu.",
        "Ask for {latest} or earlier, or leave known_at out to read what is known now.",
        "Chọn thời điểm từ {latest} trở về trước, hoặc bỏ known_at để đọc số liệu hiện tại.",
    ),
    "embargo_too_late": Message(
        "The results of this round are public already; they cannot be held back.",
        "Kết quả của kỳ này đã công khai, không thể đặt thời điểm phát hành.",
        "Leave release_at out; the results are held back from the approval on: set it there.",
        "Bỏ release_at; muốn giữ kết quả thì ghi release_at ngay khi phê duyệt.",
    ),
    "embargo_not_here": Message(
        "Results are held back by the approval, or by a publication; no other move has a release.",
        "Thời điểm phát hành được ghi khi phê duyệt hoặc trong bản công bố, không ghi khi chuyển bước khác.",
        "Leave release_at out; send it with the transition to approved.",
        "Bỏ release_at; ghi release_at khi chuyển sang approved.",
    ),
    "publication_needed": Message(
        "Round {round} was published with a signed document: a correction is published with another one.",
        "Kỳ đánh giá {round} đã công bố bằng văn bản ký số: đính chính cũng phải công bố bằng văn bản ký số.",
        "POST /v1/rounds/{round}/publications.",
        "POST /v1/rounds/{round}/publications.",
    ),
    "signing_key_wrong": Message(
        "The key that signs publications cannot be read.",
        "Không đọc được khóa ký bản công bố.",
        "It must be an Ed25519 private key, PEM (PKCS #8) or JWK; `parindex keys signing FILE` makes one.",
        "Khóa phải là khóa bí mật Ed25519, dạng PEM (PKCS #8) hoặc JWK; tạo bằng `parindex keys signing "
        "TỆP`.",
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
    "publication_too_large": Message(
        "The document has more than {limit} scores; nobody checks so many at a time.",
        "Văn bản có hơn {limit} điểm, quá giới hạn kiểm tra.",
    ),
    "publication_not_canonical": Message(
        "These are not the bytes that were published: white space, order, numbers or repeated members were "
        "changed.",
        "Nội dung không còn đúng từng byte như khi công bố: khoảng trắng, thứ tự, cách ghi số hoặc thành "
        "phần lặp đã bị thay đổi.",
        "Download the document again and leave it as it is.",
        "Tải lại văn bản và giữ nguyên.",
    ),
    "publication_of_other_engine": Message(
        "The numbers were computed by engine_version {said}; this service has {known}.",
        "Số liệu được tính bằng engine_version {said}; dịch vụ này là {known}.",
        "Verify with the version of the service that had it.",
        "Hãy kiểm tra bằng phiên bản dịch vụ tương ứng.",
    ),
    "publication_group_odd": Message(
        "Every unit stands in one group, once, with its inputs.",
        "Mỗi đơn vị phải thuộc đúng một nhóm, một lần, và có dữ liệu đầu vào.",
    ),
    "publication_score_differs": Message(
        "The points are not what the figures of the document give.",
        "Điểm không khớp với số liệu trong văn bản.",
    ),
    "publication_differs": Message(
        "The document says {said}; computed from itself it is {computed}.",
        "Văn bản ghi {said}; tính lại từ chính văn bản là {computed}.",
    ),
    "publication_old_differs": Message(
        "What was published before says {published}; the document says that it was {said}.",
        "Lần công bố trước ghi {published}; văn bản lại ghi là {said}.",
    ),
    "publication_corrects_nothing": Message(
        "The old and the new value are the same, or nothing was published before.",
        "Giá trị cũ và mới giống nhau, hoặc trước đó chưa có lần công bố nào.",
    ),
    "publication_corrects_same": Message(
        "What was published before says {published} already.",
        "Lần công bố trước đã ghi {published}.",
    ),
    "publication_corrections_disordered": Message(
        "Corrections stand by unit, then by item, then the index and the rank, each once.",
        "Đính chính phải xếp theo đơn vị, rồi tiêu chí, rồi chỉ số và thứ hạng, mỗi mục một lần.",
    ),
    "publication_hides_correction": Message(
        "Of {unit}, {what} {item} was {old} and is {new}, and no correction says so.",
        "{unit}: {what} {item} trước là {old}, nay là {new} mà không có đính chính nào nêu.",
    ),
}
