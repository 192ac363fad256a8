"""A round over many followed versions: one request each, and only those with news stand out."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from collect_pipeline.civitai.client import CivitaiClient, RetryPolicy
from collect_pipeline.civitai.errors import RetryableError
from collect_pipeline.civitai.limiter import RateLimiter
from collect_pipeline.collection.collector import CollectOptions, Collector
from collect_pipeline.collection.due import plan
from collect_pipeline.collection.follow import ensure_followed
from collect_pipeline.collection.partition import VersionKey
from collect_pipeline.collection.rounds import FAILURES_IN_A_ROW, Round, collect_round
from collect_pipeline.collection.walk import Policy
from collect_pipeline.warehouse.connection import Warehouse
from collect_pipeline_tests.conftest import CLAY, Setup

VERSIONS = 100
FIRST = VersionKey(1, 1001)
POLICY = Policy(confirm_after=0)


class Galleries(ThreadingHTTPServer):
    """Serves `/images` for any version: the same five images under each, and what was published since."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), GalleryHandler)
        self.asked: list[int] = []
        self.news: dict[int, list[int]] = {}
        self.missing: set[int] = set()
        self.broken: set[int] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class GalleryHandler(BaseHTTPRequestHandler):
    """One page holds everything."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        galleries = self.server
        assert isinstance(galleries, Galleries)
        version_id = int(query["modelVersionId"][0])
        galleries.asked.append(version_id)
        ids = [5, 4, 3, 2, 1, *galleries.news.get(version_id, [])]
        items = [
            {"id": image_id, "createdAt": "2026-01-01T00:00:00.000Z", "meta": {"prompt": f"image {image_id}"}}
            for image_id in sorted(ids, reverse=query["sort"] == ["Newest"])
        ]
        gone = version_id in galleries.missing
        broken = version_id in galleries.broken
        body = json.dumps({"error": "no such version"} if gone else {"items": items, "metadata": {}}).encode()
        self.send_response(502 if broken else 404 if gone else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives
        """Nothing is printed."""


@pytest.fixture
def galleries() -> Iterator[Galleries]:
    """A server with galleries."""
    with Galleries() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(galleries: Galleries, warehouse: Warehouse) -> Iterator[CivitaiClient]:
    """A client of the galleries that asks twice and does not wait."""
    limiter, policy = RateLimiter(warehouse.path.with_suffix(".limit"), 0), RetryPolicy(attempts=2)
    with CivitaiClient(galleries.url, None, limiter, retry_policy=policy, sleep=lambda _: None) as client:
        yield client


@pytest.fixture
def keys(warehouse: Warehouse, client: CivitaiClient, galleries: Galleries) -> list[str]:
    """A hundred complete versions: the first is collected, the others are copies of its rows."""
    options = CollectOptions(browsing_level=1)
    for _ in range(3):
        done = Collector(warehouse, client, FIRST, options, POLICY, on_progress=lambda _: None).run()
    assert (done.phase, done.total_collected) == ("following", 5)
    with warehouse.transaction() as connection:
        connection.execute(
            "INSERT INTO collection_state SELECT collection_state.* REPLACE ("
            "model_id || '@' || version_id + number AS partition_key, version_id + number AS version_id) "
            "FROM collection_state, range(1, ?) AS numbers(number)",
            [VERSIONS],
        )
        connection.execute(
            "INSERT INTO image_versions SELECT image_id, model_version_id + number, first_page_id "
            "FROM image_versions, range(1, ?) AS numbers(number)",
            [VERSIONS],
        )
    galleries.asked.clear()
    return [str(VersionKey(FIRST.model_id, FIRST.version_id + number)) for number in range(VERSIONS)]


def go_round(warehouse: Warehouse, client: CivitaiClient, keys: list[str], said: list[str]) -> Round:
    return collect_round(warehouse, client, keys, POLICY, 1, run_id=None, say=said.append)


def test_a_round_asks_little_more_than_once_a_version_and_finds_all_news(
    warehouse: Warehouse, client: CivitaiClient, keys: list[str], galleries: Galleries
) -> None:
    galleries.news[FIRST.version_id + 40] = [77, 78]
    said: list[str] = []
    done = go_round(warehouse, client, keys, said)
    assert [progress.partition_key for progress in done.with_news] == [keys[40]]
    assert done.with_news[0].linked == 2
    assert len(done.finished) == len(set(galleries.asked)) == VERSIONS
    assert len(galleries.asked) <= 1.2 * VERSIONS
    assert len(said) == 1


def test_a_version_that_fails_stops_no_other(
    warehouse: Warehouse, client: CivitaiClient, keys: list[str], galleries: Galleries
) -> None:
    galleries.missing.add(FIRST.version_id + 1)
    galleries.news[FIRST.version_id + 2] = [79]
    said: list[str] = []
    done = go_round(warehouse, client, keys[:4], said)
    assert done.failed == (keys[1],)
    assert [progress.partition_key for progress in done.with_news] == [keys[2]]
    assert any(keys[1] in sentence for sentence in said)


def test_a_version_that_the_source_has_no_answer_for_stops_no_other(
    warehouse: Warehouse, client: CivitaiClient, keys: list[str], galleries: Galleries
) -> None:
    galleries.broken.add(FIRST.version_id + 1)
    galleries.news[FIRST.version_id + 2] = [79]
    done = go_round(warehouse, client, keys[:4], [])
    assert (done.failed, done.trouble) == ((keys[1],), None)
    assert [progress.partition_key for progress in done.with_news] == [keys[2]]


def test_a_source_in_trouble_ends_the_round_and_what_came_before_is_told(
    warehouse: Warehouse, client: CivitaiClient, keys: list[str], galleries: Galleries
) -> None:
    galleries.news[FIRST.version_id] = [79]
    galleries.broken.update(range(FIRST.version_id + 1, FIRST.version_id + VERSIONS))
    done = go_round(warehouse, client, keys, [])
    assert isinstance(done.trouble, RetryableError)
    assert [progress.partition_key for progress in done.with_news] == [keys[0]]
    assert done.failed == tuple(keys[1 : 1 + FAILURES_IN_A_ROW])
    assert len(set(galleries.asked)) == 1 + FAILURES_IN_A_ROW


@pytest.mark.parametrize(("pages", "ceiling", "wants"), [(2, 0, "looks"), (4, 0, "walks"), (2, 900, "walks")])
def test_only_a_small_gallery_is_drained_again_within_a_round(
    setup: Setup, pages: int, ceiling: int, wants: str
) -> None:
    with setup.client() as client:
        ensure_followed(setup.warehouse, client, CLAY)
    setup.complete(CLAY)
    setup.pass_time(days=8)
    patch = json.dumps({"drained_pages": pages, "ceiling": ceiling})
    setup.query("UPDATE collection_state SET walk = json_merge_patch(walk, ?)", patch)
    due = plan(setup.warehouse, Policy(), setup.now, browsing_level=1)
    assert {"looks": due.looks, "walks": due.walks}[wants] == (str(CLAY),)
