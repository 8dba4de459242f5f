"""Rules and next steps in words."""

from collections.abc import Mapping

from app.infra.messages.message import Message

MESSAGES: Mapping[str, Message] = {
    # rules that people apply
    "rule_unknown_maximum": Message(
        "Points are given by people; the sources do not say the maximum.",
        "Chấm trực tiếp; nguồn không nêu điểm tối đa.",
    ),
    "rule_manual": Message(
        "Points are given by people, from 0 to {max}.", "Chấm trực tiếp từ 0 đến {max} điểm."
    ),
    "rule_manual_step": Message(
        "Points are given by people, from 0 to {max} in steps of {step}.",
        "Chấm trực tiếp từ 0 đến {max} điểm, là bội số của {step}.",
    ),
    "rule_survey_given": Message(
        "Points of the sociological survey, from 0 to {max}.", "Điểm điều tra xã hội học, từ 0 đến {max}."
    ),
    "rule_statistic_given": Message(
        "Points from figures that are not in this service, from 0 to {max}.",
        "Điểm theo số liệu ngoài hệ thống này, từ 0 đến {max}.",
    ),
    "rule_binary": Message("Met: {max} points; not met: 0.", "Đạt: {max} điểm; không đạt: 0."),
    "rule_options": Message("One of: {choices}.", "Một trong các mức: {choices}."),
    "rule_checklist": Message("Added up: {parts}.", "Cộng các phần đạt được: {parts}."),
    "rule_choice": Message("{label}: {points} points", "{label}: {points} điểm"),
    # rules over rates
    "rule_measure": Message("{rate}, times {max} points.", "{rate} x {max} điểm."),
    "rule_bands": Message("By {rate}: {steps}; else 0.", "Theo {rate}: {steps}; còn lại 0 điểm."),
    "rule_step_from": Message("from {percent} %: {points} points", "từ {percent} %: {points} điểm"),
    "rule_step_above": Message("above {percent} %: {points} points", "trên {percent} %: {points} điểm"),
    "rule_proportional": Message(
        "By {rate}: from {full_at} %, {max} points; below, the rate times {max} / {full_at} %.",
        "Theo {rate}: từ {full_at} % được {max} điểm; thấp hơn thì lấy tỷ lệ x {max} / {full_at} %.",
    ),
    "rule_proportional_whole": Message(
        "{rate}, times {max} points, at most {max} ({full_at} %).",
        "{rate} x {max} điểm, tối đa {max} ({full_at} %).",
    ),
    "rule_complement": Message(
        "By 100 % less ({rates}): from {full_at} %, {max} points; below, that share times {max} / "
        "{full_at} %.",
        "Theo 100 % trừ ({rates}): từ {full_at} % được {max} điểm; thấp hơn thì lấy tỷ lệ đó x {max} / "
        "{full_at} %.",
    ),
    "rule_floor": Message("{rule} Below {floor} %: 0 points.", "{rule} Dưới {floor} %: 0 điểm."),
    "rule_conjunction": Message(
        "The first that holds: {tiers}; else 0.", "Xét lần lượt: {tiers}; còn lại 0 điểm."
    ),
    "rule_tier": Message("{points} points where {conditions}", "{points} điểm khi {conditions}"),
    "rule_tier_called": Message(
        "{points} points ({label}) where {conditions}", "{points} điểm ({label}) khi {conditions}"
    ),
    "rule_condition": Message("{subject} is {bounds}", "{subject} {bounds}"),
    # rules over counts
    "rule_deduction": Message(
        "{max} points, less {each} for each of: {figure}; not below 0.",
        "{max} điểm, trừ {each} điểm cho mỗi đơn vị của {figure}; không dưới 0.",
    ),
    "rule_mean": Message(
        "The mean of the points of dossiers, at most {max}: {parts}.",
        "Điểm trung bình của các hồ sơ, tối đa {max}: {parts}.",
    ),
    "rule_survey": Message(
        "Answers weighed by shares of {max} points, over all answers: {parts}.",
        "Số phiếu theo từng mức nhân hệ số của {max} điểm, chia tổng số phiếu: {parts}.",
    ),
    "rule_weight": Message("{weight} for {figure}", "{weight} cho {figure}"),
    "rule_answer": Message("{weight} for “{label}”", "{weight} cho “{label}”"),
    "rule_bonus_given": Message(
        "Bonus beside the scale, given by people, at most {max} points.",
        "Điểm thưởng ngoài thang điểm, chấm trực tiếp, tối đa {max} điểm.",
    ),
    "rule_bonus_counted": Message(
        "Bonus beside the scale: {each} points for each of: {figure}, at most {max}.",
        "Điểm thưởng ngoài thang điểm: {each} điểm cho mỗi đơn vị của {figure}, tối đa {max}.",
    ),
    "rule_penalty_given": Message(
        "Penalty beside the scale, given by people, at most {max} points.",
        "Điểm trừ ngoài thang điểm, chấm trực tiếp, tối đa {max} điểm.",
    ),
    "rule_penalty_counted": Message(
        "Penalty beside the scale: {each} points off for each of: {figure}, at most {max}.",
        "Điểm trừ ngoài thang điểm: trừ {each} điểm cho mỗi đơn vị của {figure}, tối đa {max}.",
    ),
    "no_data_not_applicable": Message(
        "Nothing to divide by: not assessed.", "Mẫu số bằng 0: không đánh giá."
    ),
    "no_data_full": Message("Nothing to divide by: all points.", "Mẫu số bằng 0: được điểm tối đa."),
    "no_data_zero": Message("Nothing to divide by: 0 points.", "Mẫu số bằng 0: 0 điểm."),
    # why points are not the sum of those below
    "limit_bonus": Message("Bonus points count up to {max}.", "Điểm thưởng được tính tối đa {max}."),
    "limit_penalty": Message("Penalty points count up to {max}.", "Điểm trừ được tính tối đa {max}."),
    "limit_shared": Message(
        "These items share a maximum of {max}, and are assessed together.",
        "Các mục này dùng chung điểm tối đa {max} và được xét chung.",
    ),
    "limit_scale": Message(
        "Points beyond the scale of {max} are cut off.", "Phần vượt thang điểm {max} không được tính."
    ),
    "limit_zero": Message("The whole is not below 0.", "Tổng điểm không thấp hơn 0."),
    # next steps
    "next_report": Message("Report {figures}.", "Gửi số liệu: {figures}."),
    "next_appraised": Message("{points} points in the appraisal.", "Được thẩm định chấm {points} điểm."),
    "next_option": Message('Reach "{label}".', 'Đạt mức "{label}".'),
    "next_rate": Message(
        "{rate} {bound} (now {now}): {count} of {of}, now {have}.",
        "{rate} {bound} (hiện {now}): cần {count}/{of}, hiện có {have}/{of}.",
    ),
    "next_percent": Message("{rate} {bound} (now {now}).", "{rate} {bound} (hiện {now})."),
    "next_complement": Message(
        "Lower these rates until what is left of 100 % is {bound} (now {now}).",
        "Giảm các tỷ lệ trên để phần còn lại {bound} (hiện {now}).",
    ),
    "next_conditions": Message("Meet: {conditions}.", "Đáp ứng: {conditions}."),
    "next_fewer": Message("{count} less of: {figure}.", "Giảm {count} ở {figure}."),
    "next_more": Message("{count} more of: {figure}.", "Thêm {count} ở {figure}."),
    "next_best_answers": Message("Everything in the best class.", "Toàn bộ đạt mức cao nhất."),
    "next_no_penalty": Message("No ground for the penalty.", "Không còn căn cứ trừ điểm."),
}
