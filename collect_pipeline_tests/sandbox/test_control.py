"""Changing a running sandbox: from Python and through /_sandbox/."""

from datetime import UTC, datetime

import pytest

from collect_pipeline.sandbox.catalogue import UnknownIdError
from collect_pipeline.sandbox.content import CLAY_EMPTY, CLAY_VERSION, LANTERN_V2
from collect_pipeline_tests.sandbox.conftest import PARAMS, Client


def test_published_images_appear_at_the_end_at_once_and_in_order(client: Client) -> None:
    before = client.sandbox.visible_ids(LANTERN_V2)
    first, second = client.sandbox.publish(LANTERN_V2, 300), client.sandbox.publish(LANTERN_V2, 300)
    assert client.sandbox.visible_ids(LANTERN_V2) == before + first + second


def test_an_empty_version_fills(client: Client) -> None:
    image_ids = client.control("publish", version_id=CLAY_EMPTY, count=3).json()["image_ids"]
    assert client.ids(modelVersionId=CLAY_EMPTY) == image_ids


def test_images_can_be_published_in_the_past_and_at_another_level(client: Client) -> None:
    client.sandbox.clock.set(datetime(2026, 1, 10, tzinfo=UTC))
    [image_id] = client.sandbox.publish(LANTERN_V2, 1, age=90 * 86_400, browsing_level=8)
    shown = client.sandbox.visible_ids(LANTERN_V2, 8)
    assert image_id in shown[:-1]


def test_removed_images_are_gone(client: Client) -> None:
    gone = client.ids(modelVersionId=CLAY_VERSION)[:2]
    assert client.control("remove", image_ids=gone).json() == {"removed": 2}
    assert not set(gone) & set(client.ids(modelVersionId=CLAY_VERSION))


def test_an_unknown_image_or_version_changes_nothing(client: Client) -> None:
    [known] = client.ids(limit=1)
    with pytest.raises(UnknownIdError, match="no image 5"):
        client.sandbox.remove([known, 5])
    assert known in client.ids(limit=1)
    reply = client.control("publish", version_id=5, count=1)
    assert reply.status_code == 400
    assert "no model version 5" in reply.json()["error"]


def test_missing_meta_can_be_filled_later(client: Client) -> None:
    new = client.sandbox.publish(CLAY_VERSION, 2, without_meta=True)
    asked = {"modelVersionId": CLAY_VERSION, "sort": "Newest", "limit": 2}
    assert [item["meta"] for item in client.page(**asked)["items"]] == [None, None]
    client.control("fill-meta", image_ids=new)
    assert all(item["meta"]["prompt"] for item in client.page(**asked)["items"])


def test_withheld_images_are_not_shown(client: Client) -> None:
    [image_id] = client.ids(limit=1)
    client.control("withhold", image_ids=[image_id])
    assert image_id not in client.ids()
    assert image_id not in client.sandbox.visible_ids(LANTERN_V2)


def test_the_route_can_be_switched_while_it_runs(client: Client) -> None:
    client.control("set-route", route="bitdex")
    assert "bdx:" in client.page(limit=5)["metadata"]["nextCursor"]
    assert client.control("set-route", route="nowhere").status_code == 400


def test_faults_can_be_replaced_while_it_runs(client: Client) -> None:
    client.control("faults", spec="gateway-502")
    assert client.get("images").status_code == 502
    client.control("faults", spec="")
    assert client.get("images").status_code == 200
    assert "no fault" in client.control("faults", spec="gateway-501").json()["error"]


def test_the_clock_can_be_set_advanced_and_released(client: Client) -> None:
    client.control("clock", set="2026-01-31T12:00:00Z")
    assert client.control("clock", advance=600).json() == {"now": "2026-01-31T12:10:00+00:00"}
    client.control("clock", real=True)
    assert client.sandbox.clock.now().year >= 2026
    assert client.control("clock", set="2026-01-31T12:00:00").status_code == 400


def test_state_names_versions_visible_ids_and_requests(client: Client) -> None:
    client.ids()
    client.get("models/7")
    state = client.session.get(f"{client.sandbox.url}/_sandbox/state", timeout=10).json()
    versions = {version["id"]: version for model in state["models"] for version in model["versions"]}
    assert versions[LANTERN_V2]["visible"]["1"] == client.sandbox.visible_ids(LANTERN_V2)
    assert versions[LANTERN_V2]["visible"]["2"] == client.sandbox.visible_ids(LANTERN_V2, 2)
    assert state["requests"]["by_path"] == {"/api/v1/images": 1, "/api/v1/models/7": 1}
    assert state["requests"]["by_status"] == {"200": 1, "404": 1}
    assert (state["route"], state["faults"]) == ("feed", "")


def test_the_log_holds_what_was_sent(client: Client) -> None:
    client.get("images", PARAMS, headers={"Authorization": "Bearer sandbox-key"})
    [request] = client.sandbox.requests
    assert (request.method, request.path, request.status) == ("GET", "/api/v1/images", 200)
    assert request.params == {name: str(value) for name, value in PARAMS.items()}
    assert request.headers["authorization"] == "Bearer sandbox-key"


@pytest.mark.parametrize(
    ("order", "fields"),
    [
        ("publish", {"version_id": "x"}),
        ("publish", {"version_id": LANTERN_V2, "count": 0}),
        ("publish", {"version_id": LANTERN_V2, "count": True}),
        ("publish", {"version_id": LANTERN_V2, "browsing_level": 3}),
        ("publish", {"version_id": LANTERN_V2, "number": 3}),
        ("remove", {"image_ids": "all"}),
        ("clock", {}),
        ("clock", {"advance": "soon"}),
        ("faults", {"spec": 5}),
    ],
)
def test_orders_that_make_no_sense_are_refused_in_a_sentence(
    client: Client, order: str, fields: dict[str, object]
) -> None:
    reply = client.control(order, **fields)
    assert reply.status_code == 400
    assert reply.json()["error"].endswith(".")


def test_unknown_orders_and_methods_are_refused(client: Client) -> None:
    assert client.control("explode").status_code == 404
    address = f"{client.sandbox.url}/_sandbox/publish"
    assert client.session.get(address, timeout=10).status_code == 405
    assert client.session.post(address, data="no json", timeout=10).status_code == 400


def test_web_pages_cannot_give_orders(client: Client) -> None:
    address = f"{client.sandbox.url}/_sandbox/faults"
    reply = client.session.post(address, json={"spec": ""}, headers={"Origin": "http://example.org"}, timeout=10)
    assert reply.status_code == 403
