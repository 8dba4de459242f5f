"""What `parindex import` says, in Vietnamese and English."""

from app.infra.messages import Language

_WORDS: dict[str, tuple[str, str]] = {
    # options and places
    "url_wrong": (
        "{url!r} is no address of a service, like https://parindex.example.gov.vn.",
        "{url!r} không phải địa chỉ dịch vụ, ví dụ https://parindex.example.gov.vn.",
    ),
    "url_insecure": (
        "The key would go to {host} in clear: write https://, or add --insecure if the network is trusted.",
        "Khóa sẽ được gửi tới {host} không mã hóa: hãy dùng https://, hoặc thêm --insecure nếu tin cậy mạng.",
    ),
    "url_unused": (
        "{options} need(s) --url: the local database takes no key.",
        "{options} chỉ dùng cùng --url: cơ sở dữ liệu tại máy không cần khóa.",
    ),
    "key_missing": (
        "A service needs a key: set PARINDEX_KEY, or give --key.",
        "Dịch vụ cần khóa: hãy đặt biến PARINDEX_KEY hoặc dùng --key.",
    ),
    "key_malformed": (
        "The key is no key: it was not copied whole, or has something else in it.",
        "Khóa không đúng dạng: có thể sao chép thiếu hoặc lẫn ký tự khác.",
    ),
    "option_wrong": ("An option is wrong; nothing was sent.", "Tùy chọn sai; chưa gửi gì."),
    "instant_wrong": (
        "--extracted-at {text!r} is no day and no instant, like 2022-09-16 or 2022-09-16T08:30.",
        "--extracted-at {text!r} không phải ngày hay thời điểm, ví dụ 2022-09-16 hoặc 2022-09-16T08:30.",
    ),
    "rejected_wrong": (
        "--rejected {file}: must end in .csv or .xlsx, in a folder that is there.",
        "--rejected {file}: phải có đuôi .csv hoặc .xlsx, trong thư mục đã có.",
    ),
    "rejected_exists": (
        "{file} is there already; nothing was sent. Name another file.",
        "{file} đã có; chưa gửi gì. Hãy đặt tên tệp khác.",
    ),
    "unreadable": ("{file} cannot be read: {cause}", "Không đọc được {file}: {cause}"),
    "unwritable": ("{file} cannot be written: {cause}", "Không ghi được {file}: {cause}"),
    # the other side
    "database": ("Database: {cause}", "Cơ sở dữ liệu: {cause}"),
    "no_schema": (
        "Run `parindex db upgrade` first, or set PARINDEX_DATABASE_URL to the right database.",
        "Hãy chạy `parindex db upgrade` trước, hoặc đặt PARINDEX_DATABASE_URL đúng cơ sở dữ liệu.",
    ),
    "service_away": (
        "{url} cannot be reached: {cause}.",
        "Không kết nối được {url}: {cause}.",
    ),
    "service_away_hint": (
        "Check the address and the network, or whether the service runs; then give the command again.",
        "Hãy kiểm tra địa chỉ, mạng, hoặc dịch vụ có đang chạy không; rồi chạy lại lệnh.",
    ),
    "answer_lost": (
        "The answer of {url} was lost: {cause}.",
        "Mất trả lời của {url}: {cause}.",
    ),
    "answer_lost_hint": (
        "Give the same command again: it goes on with the same import, and makes no second one.",
        "Hãy chạy lại đúng lệnh này: lệnh sẽ tiếp tục lần nhập đó, không nhập hai lần.",
    ),
    "not_ours": (
        "What answers at {url} (HTTP {status}) is not this service; check the address.",
        "Trả lời tại {url} (HTTP {status}) không phải của dịch vụ này; hãy kiểm tra địa chỉ.",
    ),
    # progress
    "sending": ("Sending", "Đang gửi"),
    "rehearsing": ("Checking", "Đang kiểm tra"),
    "committing": ("Writing", "Đang ghi"),
    "bytes": ("{done} of {total} kB", "{done}/{total} kB"),
    "rows": ("{done} rows", "{done} dòng"),
    "rate": ("{rate} rows/s", "{rate} dòng/giây"),
    "left": ("{left} s left", "còn {left} giây"),
    # the report
    "import": ("{file}: {rows} rows, import {id}", "{file}: {rows} dòng, lần nhập {id}"),
    "what": ("Rows", "Dòng"),
    "count": ("Count", "Số dòng"),
    "inserted": ("new", "thêm mới"),
    "updated": ("changed", "thay đổi"),
    "unchanged": ("unchanged", "không đổi"),
    "rejected": ("wrong", "bị loại"),
    "totals": ("totals, not counted", "dòng cộng, không tính"),
    "columns": ("Columns: {said}", "Cột đã nhận ra: {said}"),
    "unknown": ("Columns not read: {said}", "Cột không đọc: {said}"),
    "sheets": ("Sheets without a table: {said}", "Trang không có bảng: {said}"),
    "remark": ("Note: {said}", "Lưu ý: {said}"),
    "warning": ("Warning, {count} row(s): {said}", "Cảnh báo, {count} dòng: {said}"),
    "row_of": ("row {row}", "dòng {row}"),
    "faults": ("Wrong rows (the first {shown} of {all})", "Các dòng sai ({shown} dòng đầu trong {all})"),
    "row": ("Row", "Dòng"),
    "column": ("Column", "Cột"),
    "mistake": ("Mistake", "Lỗi"),
    "hint": ("How to mend it", "Cách sửa"),
    "place": ("Place", "Vị trí"),
    "effects": (
        "{round}, {group}: points of {points} and ranks of {ranks} unit(s) would change",
        "{round}, {group}: {points} đơn vị đổi điểm, {ranks} đơn vị đổi hạng",
    ),
    "hidden": (
        "{round}, {group}: something would change; your key does not open its results.",
        "{round}, {group}: có thay đổi; khóa của bạn không xem được kết quả chưa công bố.",
    ),
    "unit": ("Unit", "Đơn vị"),
    "points": ("Points", "Điểm"),
    "rank": ("Rank", "Hạng"),
    "more": ("... and {count} more", "... và {count} đơn vị nữa"),
    "bad_saved": ("Wrong rows: {file}", "Các dòng sai: {file}"),
    "none_bad": ("No row is wrong: {file} was not written.", "Không có dòng sai: không tạo {file}."),
    # the end
    "rehearsed": (
        "Rehearsed only; nothing was written. Without --rehearse the same command commits it.",
        "Mới kiểm tra, chưa ghi gì. Chạy lại lệnh không có --rehearse để ghi.",
    ),
    "stopped": (
        "{count} row(s) are wrong; nothing was written. Correct them and send the file again, or leave them"
        " out with --skip-rejected.",
        "Có {count} dòng sai; chưa ghi gì. Hãy sửa rồi gửi lại tệp, hoặc bỏ qua các dòng đó bằng"
        " --skip-rejected.",
    ),
    "committed": ("Committed: {count} row(s) were written.", "Đã ghi xong {count} dòng."),
    "already": (
        "This file was imported at {at} by {by} already; nothing was written now. To import it once more:"
        " --again.",
        "Tệp này đã được nhập lúc {at}, người nhập {by}; lần này không ghi gì. Muốn nhập lại: --again.",
    ),
    "failed": ("The file was refused; nothing was written.", "Tệp bị từ chối; chưa ghi gì."),
    "not_committed": ("Not committed; nothing was written.", "Không ghi được; chưa ghi gì."),
    "cancelled": ("Stopped; nothing was written.", "Đã dừng; chưa ghi gì."),
    "interrupted": (
        "The commit is under way and goes on to its end: everything is written, or nothing.",
        "Đang ghi và sẽ ghi cho xong: hoặc ghi trọn vẹn, hoặc không ghi gì.",
    ),
    "under_way": (
        "The service is still writing. The same command tells how it ended.",
        "Dịch vụ vẫn đang ghi. Chạy lại lệnh này để xem kết quả.",
    ),
}


def say(key: str, language: Language, **params: object) -> str:
    """A text in a language."""
    return _WORDS[key][language == "vi"].format_map(params)
