"""The whole story of one round, as four other systems live it: each with a key of its own, over plain HTTP,
knowing the README and the OpenAPI document alone.

Three departments of Quảng Ninh in 2025. Criteria set and figures are illustrative; every number is worked
out by hand:

                           Nội vụ                  Tài chính              Y tế
    1.1 on time            485/490 = 98.98 % -> 40  361/380 = 95 % -> 30   855/950 = 90 % -> 15
    1.2 online x 20        450/500 -> 18            300/400 -> 15          640/800 -> 16
    2.1 self               25                       24                     22
    2.2 self               15                       14                     15
    as they see it         98                       83                     68
    2.1 appraised          21.5                     24                     20
    2.2 appraised          12                       14                     15
    first publication      91.5, rank 1, Tốt        83, rank 2, Khá        66, rank 3
    2.1 corrected          12.5
    second publication     82.5, rank 2, Khá        83, rank 1, Khá        66, rank 3
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner

from app.cli import app as cli
from tests.server import serving

ADMIN = "par_story_0123456789abcdefghijklm"
INTERIOR, FINANCE, HEALTH = "22.so-noi-vu", "22.so-tai-chinh", "22.so-y-te"
NAMES = {INTERIOR: "Sở Nội vụ", FINANCE: "Sở Tài chính", HEALTH: "Sở Y tế"}
COUNTS = ("received_online", "received_direct", "carried_over", "received", "resolved_early_or_on_time",
          "resolved_overdue", "resolved", "pending")  # fmt: skip
DOSSIERS = {
    INTERIOR: (450, 50, 0, 500, 485, 5, 490, 10),
    FINANCE: (300, 100, 0, 400, 361, 19, 380, 20),
    HEALTH: (640, 160, 200, 1000, 855, 95, 950, 50),
}
ITEM_11 = {
    "kind": "bands",
    "rate": "dossier:on_time_of_resolved_percent",
    "steps": [{"from": 98, "points": 40}, {"from": 95, "points": 30}, {"from": 90, "points": 15}],
}
ITEM_12 = {"kind": "measure", "rate": "dossier:online_percent"}
MANUAL = {"kind": "manual", "step": 0.5}


def criterion(code: str, name: str, points: int, source: str, rule: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "name_vi": name, "max_points": points, "source": source, "rule": rule}


FRAMEWORK = {
    "code": "so-par",
    "version": "2025",
    "title_vi": "Chỉ số cải cách hành chính các sở (minh họa)",
    "level": "department",
    "status": "illustrative",
    "total_points": 100,
    "applies": {"from": "2025-01-01", "to": None},
    "rounding": {"decimals": 2, "items": None},
    "ties": {"method": "competition", "keys": []},
    "bands": [{"label_vi": "Tốt", "from": 90}, {"label_vi": "Khá", "from": 80}],
    "areas": [
        {
            "code": "1",
            "name_vi": "Cải cách thủ tục hành chính",
            "reform_area": "procedures",
            "max_points": 60,
            "criteria": [
                criterion("1.1", "Hồ sơ giải quyết đúng hạn", 40, "statistic", ITEM_11),
                criterion("1.2", "Hồ sơ nộp trực tuyến", 20, "statistic", ITEM_12),
            ],
        },
        {
            "code": "2",
            "name_vi": "Cải cách chế độ công vụ",
            "reform_area": "civil_service",
            "max_points": 40,
            "criteria": [
                criterion("2.1", "Thực hiện vị trí việc làm", 25, "appraisal", MANUAL),
                criterion("2.2", "Bồi dưỡng công chức", 15, "appraisal", MANUAL),
            ],
        },
    ],
}
ROUND = "/v1/rounds/so-2025"
PARTICIPANTS = [{"group": "so", "units": list(NAMES)}]
DRAFT = {"title_vi": "Chỉ số CCHC các sở năm 2025", "framework": "so-par@2025", "period": "2025"}
DECISION = {"number": "15/QĐ-UBND", "issued_on": "2026-01-15", "signer": "Chủ tịch UBND tỉnh"}
PATIENCE = timedelta(seconds=60)
"""After which what should come is not waited for any more; how soon it comes, test_shelf_waits.py says."""
CORRECTION = ("unit", "item", "what", "old", "new", "reason")
FIRST = [(1, "Sở Nội vụ", 91.5, "Tốt"), (2, "Sở Tài chính", 83, "Khá"), (3, "Sở Y tế", 66, None)]
SECOND_TABLE = [(1, "Sở Tài chính", 83, "Khá"), (2, "Sở Nội vụ", 82.5, "Khá"), (3, "Sở Y tế", 66, None)]
CORRECTED = {"number": "98/QĐ-UBND", "issued_on": "2026-03-02", "signer": "Chủ tịch UBND tỉnh"}


@contextmanager
def calling(url: str, key: str | None) -> Iterator[httpx.Client]:
    """A system that calls with a key, or without one."""
    headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {key}"} if key else {})
    with httpx.Client(base_url=url, headers=headers, timeout=30) as api:
        yield api


def ask(answer: httpx.Response, status: int = 200) -> Any:
    """What it says, where the status is the expected one."""
    assert answer.status_code == status, answer.text
    return answer.json()


def register(admin: httpx.Client, code: str, *grants: str, home_unit: str | None = None) -> str:
    """A client of the service; its key."""
    parts = [grant.partition("@") for grant in grants]
    said = {
        "code": code,
        "name": code,
        "grants": [{"scope": scope, "unit": unit or None} for scope, _, unit in parts],
        "home_unit": home_unit,
    }
    key: str = ask(admin.post("/v1/clients", json=said), 201)["key"]
    return key


class Follower:
    """A system that follows `/v1/changes` in pages of three, and stands still between them."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api
        self.began = self.since = ask(api.get("/v1/changes", params={"limit": 1}))["last"]
        self.read: list[dict[str, Any]] = []

    def turn(self) -> int:
        """Read one page; how many changes it had."""
        page = ask(self.api.get("/v1/changes", params={"since": self.since, "limit": 3}))
        self.read += page["items"]
        self.since = page["next_since"]
        return len(page["items"])

    def catch_up(self) -> list[tuple[str, str | None, dict[str, str] | None]]:
        """All that came since the last time it was called; (kind, action, subject)."""
        told = len(self.read)
        while self.turn():
            pass
        return [(c["kind"], c.get("action"), c.get("subject")) for c in self.read[told:]]

    def missed_or_doubled(self) -> bool:
        """Whether the numbers read do not follow one another, up to the last there is."""
        last = ask(self.api.get("/v1/changes"))["last"]
        return [change["sequence"] for change in self.read] != list(range(self.began + 1, last + 1))


def until(deadline: datetime, happens: Callable[[], bool]) -> datetime:
    """Ask without pause until it happens; when that was."""
    while not happens():
        assert datetime.now(UTC) < deadline
    return datetime.now(UTC)


def table(body: dict[str, Any]) -> list[tuple[int, str, float, str | None]]:
    """A ranking as a newspaper prints it."""
    return [(i["rank"], i["unit"]["name_vi"], i["index_percent"], i["band"]) for i in body["items"]]


def save(public: httpx.Client, number: int, folder: Path) -> list[str]:
    """Download what is needed to verify a publication without the service; the arguments of the command."""
    saved = {}
    for name, path in (
        ("document", f"/v1/publications/so-2025.{number}"),
        ("signature", f"/v1/publications/so-2025.{number}/signature"),
        ("keys", "/.well-known/jwks.json"),
    ):
        saved[name] = folder / f"{name}-{number}.json"
        saved[name].write_bytes(public.get(path).raise_for_status().content)
    signed = ["--signature", str(saved["signature"]), "--keys", str(saved["keys"])]
    return ["verify", str(saved["document"]), *signed]


def scores(
    item: str, stage: str, points: tuple[float, ...], reason: str | None = None
) -> list[dict[str, Any]]:
    """Points of the three departments, in their order."""
    return [
        {"unit": unit, "item": item, "stage": stage, "points": given, "reason": reason}
        for unit, given in zip(NAMES, points, strict=True)
    ]


class Story:
    """Who takes part, and what each of them does."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        def caller(key: str | None) -> httpx.Client:
            return stack.enter_context(calling(url, key))

        self.admin, self.public = caller(ADMIN), caller(None)
        self.registry = caller(register(self.admin, "so-dang-ky", "units:write@22", "frameworks:write"))
        self.ministry = caller(register(self.admin, "so-noi-vu", "rounds:manage", "publish"))
        self.appraisal = caller(register(self.admin, "tham-dinh", "scores:appraise@22"))
        self.early = caller(register(self.admin, "lanh-dao", "results:read_unpublished"))
        self.follower = Follower(self.public)
        self.name_units()
        own = {unit: (f"scores:self@{unit}", f"statistics:write@{unit}") for unit in NAMES}
        self.units = {
            unit: caller(register(self.admin, f"phan-mem.{unit}", *grants, home_unit=unit))
            for unit, grants in own.items()
        }

    def name_units(self) -> None:
        """The registry knows the departments, before they get keys."""
        for code, name in NAMES.items():
            unit = {"name_vi": name, "kind": "department", "parent_code": "22", "valid_from": "2025-01-01"}
            ask(self.registry.put(f"/v1/units/{code}", json=unit), 201)

    def set_up(self) -> None:
        """Criteria set and round."""
        version = "/v1/frameworks/so-par/versions/2025"
        ask(self.registry.put(version, json=FRAMEWORK), 201)
        ask(self.registry.post(f"{version}/publish"))
        ask(self.ministry.put(ROUND, json=DRAFT | {"participants": PARTICIPANTS}), 201)

    def move(self, to: str, **said: Any) -> None:
        """The round goes on."""
        assert ask(self.ministry.post(f"{ROUND}/transitions", json={"to": to, **said}))["state"] == to

    def publish(self, **said: Any) -> dict[str, Any]:
        """A publication of the round."""
        answer = self.ministry.post(f"{ROUND}/publications", json=said)
        made: dict[str, Any] = ask(answer, 201)
        return made

    def report(self) -> None:
        """Every department reports its own dossiers, and scores itself."""
        for unit, counts in DOSSIERS.items():
            path = f"/v1/units/{unit}/dossier-statistics/2025"
            sent = ask(self.units[unit].put(path, json=dict(zip(COUNTS, counts, strict=True))))
            assert sent["warnings"] == []
        for unit, points in zip(NAMES, ((25, 15), (24, 14), (22, 15)), strict=True):
            own = [
                {"unit": unit, "item": item, "stage": "self", "points": given}
                for item, given in zip(("2.1", "2.2"), points, strict=True)
            ]
            ask(self.units[unit].post(f"{ROUND}/scores", json={"scores": own}), 201)
        others = self.units[HEALTH].post(f"{ROUND}/scores", json={"scores": scores("2.1", "self", (1, 1, 1))})
        assert (others.status_code, others.json()["code"]) == (403, "outside_scope")

    def appraise(self) -> None:
        """The appraisal team corrects what was too much."""
        given = [
            *scores("2.1", "appraisal", (21.5, 24, 20), "đề án vị trí việc làm chậm"),
            *scores("2.2", "appraisal", (12, 14, 15), "thiếu tài liệu kiểm chứng"),
        ]
        assert ask(self.appraisal.post(f"{ROUND}/scores", json={"scores": given}), 201)["accepted"] == 6

    def ranking(self, caller: httpx.Client) -> list[tuple[int, str, float, str | None]]:
        """The ranking as a caller sees it."""
        return table(ask(caller.get(f"{ROUND}/rankings")))


def test_a_round_from_units_to_its_correction(database_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(serving(tmp_path, database_url=database_url, admin_key=ADMIN))
        story = Story(url, stack)
        tell_until_approval(story)
        first = tell_the_first_publication(story, tmp_path)
        second = tell_the_correction(story, tmp_path)
        assert not story.follower.missed_or_doubled()
    for saved in (first, second):  # the service is gone
        verified = CliRunner().invoke(cli, saved)
        assert (verified.exit_code, "3 units computed anew" in verified.output) == (0, True), verified.output


def tell_until_approval(story: Story) -> None:
    """Until the appraisal is done nobody outside sees a number."""
    story.set_up()
    assert story.follower.turn() == 3  # then this system stands still, in the middle
    story.move("self_assessment")
    story.report()
    assert story.ranking(story.early) == [
        (1, "Sở Nội vụ", 98, "Tốt"), (2, "Sở Tài chính", 83, "Khá"), (3, "Sở Y tế", 68, None)
    ]  # fmt: skip
    assert story.public.get(f"{ROUND}/rankings").status_code == 401
    story.move("appraisal", reason="hết hạn tự chấm điểm")
    story.appraise()
    so_par, so_2025 = {"framework": "so-par@2025"}, {"round": "so-2025"}
    assert story.follower.catch_up() == [
        ("hidden", None, None),  # a draft of a criteria set has a number, and is nobody's business
        ("framework", "published", so_par),
        ("round", "created", so_2025),
        ("round", "moved", so_2025),
        ("round", "moved", so_2025),
    ]


def tell_the_first_publication(story: Story, folder: Path) -> list[str]:
    """Nội vụ 40 + 18 + 21.5 + 12 = 91.5, Tài chính 30 + 15 + 24 + 14 = 83, Y tế 15 + 16 + 20 + 15 = 66."""
    planned = datetime.now(UTC) + timedelta(days=1)
    story.move("approved", reason="hội đồng đã họp", release_at=planned.isoformat())
    assert story.ranking(story.early) == FIRST
    assert read_outside(story) == (401, 404, [], [])
    planned = datetime.now(UTC) + timedelta(seconds=2)  # the publication moves it
    awards = [{"unit": INTERIOR, "title_vi": "Dẫn đầu"}]
    made = story.publish(decision=DECISION, distinctions=awards, release_at=planned.isoformat())
    release = datetime.fromisoformat(made["release_at"])  # later than planned on a slow machine
    assert release >= planned
    assert (made["id"], made["number"], made["supersedes"]) == ("so-2025.1", 1, None)
    told_early = story.follower.catch_up()
    assert not told_early or datetime.now(UTC) >= release
    shown = until(release + PATIENCE, lambda: story.public.get(f"{ROUND}/rankings").is_success)
    assert shown >= release
    status, document, listed, changes = read_outside(story)
    assert (status, document, [each["id"] for each in listed]) == (200, 200, ["so-2025.1"])
    assert [*told_early, *changes] == [
        ("round", "moved", {"round": "so-2025"}),
        ("round", "moved", {"round": "so-2025"}),
        ("publication", "released", {"round": "so-2025", "publication": "so-2025.1"}),
    ]
    body = ask(story.public.get(f"{ROUND}/rankings"))
    assert (table(body), body["status"]) == (FIRST, "published")
    told = body["statistics"]  # 240.5 / 3 = 80.1667
    assert (told["mean"], told["median"], told["highest"], told["lowest"]) == (80.17, 83, 91.5, 66)
    early = ask(story.admin.get("/v1/audit", params={"round": "so-2025", "limit": 100}))["items"]
    assert {e["client"] for e in early if e["action"].endswith("read_before_release")} == {"lanh-dao"}
    verify_online(story, made, superseded_by=None)
    return save(story.public, 1, folder)


def tell_the_correction(story: Story, folder: Path) -> list[str]:
    """2.1 of Nội vụ falls by 9 to 12.5: 82.5, behind Tài chính."""
    first = ask(story.public.get("/v1/publications/so-2025.1/signature"))
    story.move("correction", reason="khiếu nại có căn cứ")
    final = {"unit": INTERIOR, "item": "2.1", "stage": "final", "points": 12.5}
    unexplained = story.appraisal.post(f"{ROUND}/scores", json={"scores": [final]})
    assert unexplained.status_code == 422
    why = "Kết luận thanh tra số 5/KL"
    ask(story.appraisal.post(f"{ROUND}/scores", json={"scores": [final | {"reason": why}]}), 201)
    standing = story.public.get(f"{ROUND}/rankings")  # what was published stays, until it is replaced
    assert table(standing.json()) == FIRST
    known = {"If-None-Match": standing.headers["ETag"]}
    again = story.public.get(f"{ROUND}/rankings", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    made = story.publish(decision=CORRECTED, reason="Đính chính theo kết luận thanh tra")
    answered = datetime.now(UTC)
    until(
        answered + PATIENCE, lambda: story.public.get(f"{ROUND}/rankings", headers=known).status_code == 200
    )
    assert (made["id"], made["supersedes"]) == ("so-2025.2", "so-2025.1")
    assert story.ranking(story.public) == SECOND_TABLE
    document = ask(story.public.get("/v1/publications/so-2025.2"))
    assert document["supersedes"] == {"id": "so-2025.1", "sha256": first["sha256"]}
    told = [tuple(each[name] for name in CORRECTION) for each in document["corrections"]]
    assert sorted(told, key=str) == sorted(
        [
            (INTERIOR, "2.1", "score", "appraisal: 21.5", "final: 12.5", why),
            (INTERIOR, None, "index_percent", "91.5", "82.5", None),
            (INTERIOR, None, "rank", "1", "2", None),
            (FINANCE, None, "rank", "2", "1", None),
        ],
        key=str,
    )
    verify_online(story, made, superseded_by=None)
    verify_online(story, first, superseded_by="so-2025.2")
    replaced = {"round": "so-2025", "publication": "so-2025.2", "supersedes": "so-2025.1"}
    assert story.follower.catch_up() == [
        ("round", "moved", {"round": "so-2025"}),
        ("round", "moved", {"round": "so-2025"}),
        ("correction", "released", replaced),
    ]
    return save(story.public, 2, folder)


def read_outside(story: Story) -> tuple[int, int, list[Any], list[Any]]:
    """What somebody without a key learns: ranking, document, list of publications, changes."""
    return (
        story.public.get(f"{ROUND}/rankings").status_code,
        story.public.get("/v1/publications/so-2025.1").status_code,
        ask(story.public.get(f"{ROUND}/publications"))["items"],
        story.follower.catch_up(),
    )


def verify_online(story: Story, made: dict[str, Any], superseded_by: str | None) -> None:
    """The service computes a downloaded document anew; any key may ask."""
    content = story.public.get(f"/v1/publications/{made['id']}").content
    assert hashlib.sha256(content).hexdigest() == made["sha256"]
    signed = {"Signature-JWS": made["jws"], "Content-Type": "application/json"}
    verdict = ask(story.units[HEALTH].post("/v1/publications/verify", content=content, headers=signed))
    assert (verdict["intact"], verdict["signature"], verdict["differences"]) == (True, "valid", [])
    assert (verdict["is_published_here"], verdict["superseded_by"]) == (True, superseded_by)
