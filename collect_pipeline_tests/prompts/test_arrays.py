"""The arrays behind the near-duplicates, against plain Python on small random input."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from collect_pipeline.prompts.components import smallest_connected
from collect_pipeline.prompts.feature_sets import FEATURE_BITS, FeatureSets
from collect_pipeline.prompts.meetings import Meetings, buckets_of, meeting_keys, members_of
from collect_pipeline.prompts.minhash import BUCKET_BITS, Shape, buckets
from collect_pipeline.prompts.sorted_arrays import distinct, indices, starts

FEATURES = st.integers(0, 2**FEATURE_BITS - 1)
# Few different ones, so that sets have much in common, and the outermost.
SETS = st.lists(st.lists(st.integers(0, 9) | st.sampled_from([2**FEATURE_BITS - 1]) | FEATURES), max_size=8)


def feature_sets(sets: list[list[int]]) -> FeatureSets:
    keys = [number << FEATURE_BITS | feature for number, features in enumerate(sets) for feature in features]
    return FeatureSets(np.array(keys, dtype=np.uint64), len(sets))


@settings(deadline=None)
@given(SETS, st.integers(0, 100))
def test_similar_pairs_are_those_of_the_exact_jaccard_similarity(sets: list[list[int]], percent: int) -> None:
    pairs = list(combinations(range(len(sets)), 2))
    one, other = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))

    similar = feature_sets(sets).similar(one, other, np.full(len(pairs), percent))

    for (a, b), found in zip(pairs, similar, strict=True):
        shared, together = len(set(sets[a]) & set(sets[b])), len(set(sets[a]) | set(sets[b]))
        assert found == (100 * shared >= percent * together)


@settings(deadline=None)
@given(SETS)
def test_equal_sets_share_all_buckets_whatever_stands_around_them(sets: list[list[int]]) -> None:
    filled = [features for features in sets if features]
    shape = Shape(rows=2, bands=3)

    together = buckets(feature_sets(filled), np.arange(len(filled)), shape)
    alone = [buckets(feature_sets([features[::-1]]), np.arange(1), shape)[0] for features in filled]

    assert together.shape == (len(filled), 3)
    assert [list(row) for row in together] == [list(row) for row in alone]
    assert all(0 <= bucket < 2**BUCKET_BITS for bucket in together.ravel())


def test_buckets_are_what_they_were() -> None:
    # Warehouses hold them: if this fails, a migration must fill prompt_bands anew.
    sets = feature_sets([[1, 2, 3], [2**32 + 1, 2**33, 7]])

    assert buckets(sets, np.array([1, 0]), Shape(rows=2, bands=2)).tolist() == [
        [605497095658, 1033497276785],
        [205442155574, 937461670025],
    ]


PLACES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4) | st.just(2**BUCKET_BITS - 1)), max_size=30)


@settings(deadline=None)
@given(PLACES, st.lists(st.integers(0, 2), min_size=6, max_size=6), st.integers(0, 6))
def test_who_meets_and_is_not_in_one_group_is_paired(
    places: list[tuple[int, int]], groups: list[int], new_count: int
) -> None:
    members, places_of = (np.array([place[side] for place in places], dtype=np.int64) for side in (0, 1))
    keys = meeting_keys(members, places_of.copy())
    assert list(zip(members_of(keys), buckets_of(keys), strict=True)) == places
    meetings = Meetings(keys)

    smallest: dict[int, int] = {}
    for member, bucket in places:
        smallest[bucket] = min(member, smallest.get(bucket, member))
    assert pairs_of(meetings.with_the_smallest()) == {
        (smallest[bucket], member) for member, bucket in places if member != smallest[bucket]
    }
    between = {pair for pairs in meetings.between(np.array(groups), new_count) for pair in pairs_of(pairs)}
    assert between == {
        (min(a, b), max(a, b))
        for a, x in places
        for b, y in places
        if x == y and groups[a] != groups[b] and min(a, b) < new_count
    }


def pairs_of(pairs: tuple[np.ndarray, np.ndarray]) -> set[tuple[int, int]]:
    return {(int(one), int(other)) for one, other in zip(*pairs, strict=True)}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=25))
def test_connected_nodes_get_the_smallest_of_them(edges: list[tuple[int, int]]) -> None:
    expected = list(range(20))
    for _ in expected:
        for a, b in edges:
            expected[a] = expected[b] = min(expected[a], expected[b])

    one, other = (np.array([edge[side] for edge in edges], dtype=np.int64) for side in (0, 1))

    assert smallest_connected(20, one, other).tolist() == expected


def test_a_long_chain_is_connected() -> None:
    order = np.random.default_rng(1).permutation(10_000)

    assert not smallest_connected(10_000, order[1:], order[:-1]).any()


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_distinct_numbers(numbers: list[int]) -> None:
    found = distinct(np.array(numbers, dtype=np.uint64))

    assert found.tolist() == sorted(set(numbers))
    assert starts(found).tolist() == list(range(len(found)))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4))))
def test_indices_of_stretches(stretches: list[tuple[int, int]]) -> None:
    first, sizes = (np.array([stretch[side] for stretch in stretches], dtype=np.int64) for side in (0, 1))

    assert indices(first, sizes).tolist() == [start + step for start, size in stretches for step in range(size)]
