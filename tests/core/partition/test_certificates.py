"""Certificates: what is proven is true of every plan, and each limit of the range counts."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.array_types import IntArray
from gridmap.core.partition.certificates import ExceptionProof, prove_exception
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.reasons import certify_exception
from gridmap.core.partition.search import build_objective, partition_graph, plan_oversize
from gridmap.core.plans.profile import CostWeights, Profile
from tests.core.partition.certificate_checker import CertificateChecker
from tests.core.partition.test_search import few_examples, lattice_graph


def graph_of(weight: list[int], *edges: tuple[int, int]) -> Graph:
    left, right = np.array(edges).T
    return Graph(np.array(weight), left, right, np.ones(len(edges)))


def every_partition(count: int) -> Iterator[IntArray]:
    """Yield every partition of `count` nodes into sets."""
    labels = [[0]]
    for _ in range(count - 1):
        labels = [[*each, label] for each in labels for label in range(max(each) + 2)]
    return (np.array(each) for each in labels)


def is_possible(graph: Graph, core: tuple[int, ...], minimum: int, maximum: int) -> bool:
    """Return whether some partition has every node of the core in a connected grid within the range."""
    return any(_holds(graph, plan, core, minimum, maximum) for plan in every_partition(len(graph)))


def _holds(graph: Graph, plan: IntArray, core: tuple[int, ...], minimum: int, maximum: int) -> bool:
    for grid in {int(plan[node]) for node in core}:
        nodes = set(np.flatnonzero(plan == grid).tolist())
        if not minimum <= graph.weight[list(nodes)].sum() <= maximum or not _is_connected(graph, nodes):
            return False
    return True


def _is_connected(graph: Graph, nodes: set[int]) -> bool:
    reached = {min(nodes)}
    for _ in nodes:
        for left, right in zip(graph.left.tolist(), graph.right.tolist(), strict=True):
            if {left, right} <= nodes and reached & {left, right}:
                reached |= {left, right}
    return reached == nodes


@few_examples
@given(st.integers(0, 9_999), st.integers(0, 7))
def test_no_partition_at_all_does_what_is_proven_to_be_impossible(seed: int, start: int) -> None:
    graph = lattice_graph(4, 2, seed)
    graph.weight[seed % 8] = 0
    proof = prove_exception(graph, np.array([start]), 100, 130)
    if proof is not None:
        assert not is_possible(graph, proof.core, 100, 130)
        assert proof.households == tuple(graph.weight[list(proof.core)])


@pytest.mark.parametrize(("middle", "is_proven"), [(99, False), (100, False), (101, True)])
def test_a_building_whose_neighbours_are_too_large_is_proven(middle: int, is_proven: bool) -> None:
    row = graph_of([400, middle, 400], (0, 1), (1, 2))
    assert (prove_exception(row, np.array([1]), 300, 500) is not None) is is_proven


def test_two_towers_that_need_the_same_empty_land_are_proven() -> None:
    """Each tower reaches a partner over the park only, and one grid alone can have the park."""
    edges = (0, 4), (1, 4), (2, 4), (3, 4)
    star = graph_of([264, 264, 200, 200, 0], *edges)
    proof = prove_exception(star, np.array([0]), 300, 500)
    assert proof is not None
    assert (set(proof.core) <= {0, 1, 2, 3}, proof.contested) == (True, (4,))


def test_land_that_two_grids_can_share_proves_nothing() -> None:
    """Two parks, one for each tower."""
    pair = graph_of([264, 264, 200, 200, 0, 0], (0, 4), (2, 4), (1, 5), (3, 5), (4, 5))
    assert prove_exception(pair, np.array([0]), 300, 500) is None


def test_a_plan_tells_which_grids_are_excused() -> None:
    row = graph_of([400, 250, 400, 400], (0, 1), (1, 2), (2, 3))
    plan = partition_graph(row, build_objective(Profile(), CostWeights(), 1_450), seed=0)
    assert [proof.households for proof in plan.certificates.values()] == [(250,)]
    assert plan.certificates.keys() <= {int(plan.grid[1])}


def as_report(graph: Graph, proof: ExceptionProof, minimum: int, maximum: int) -> dict[str, Any]:
    """Return a proof as the report of a partition writes it."""
    certificate = certify_exception(0, proof, graph.weight)
    atoms = [{"households": node.households, "in_core": node.is_core} for node in certificate.nodes]
    return {"minimum": minimum, "maximum": maximum, "atoms": atoms, "links": certificate.links}


@few_examples
@given(st.integers(0, 9_999), st.integers(0, 7))
def test_a_checker_that_knows_nothing_of_the_search_confirms_certificates(seed: int, start: int) -> None:
    graph = lattice_graph(4, 2, seed)
    graph.weight[seed % 8] = 0
    proof = prove_exception(graph, np.array([start]), 100, 130)
    if proof is not None:
        assert CertificateChecker(as_report(graph, proof, 100, 130)).is_proven()


@pytest.mark.parametrize(("large", "is_proven"), [(500, False), (501, True)])
def test_a_building_above_the_maximum_is_proven(large: int, is_proven: bool) -> None:
    pair = graph_of([large, 400], (0, 1))
    assert (prove_exception(pair, np.array([0]), 300, 500) is not None) is is_proven
    [proof] = plan_oversize(pair).certificates.values()
    assert CertificateChecker(as_report(pair, proof, 300, 500)).is_proven() is is_proven


@pytest.mark.parametrize(("middle", "is_proven"), [(100, False), (101, True)])
def test_the_checker_refuses_what_is_not_proven(middle: int, is_proven: bool) -> None:
    atoms = [{"households": households, "in_core": households == middle} for households in (400, middle, 400)]
    links = [[0, 1], [1, 2]]
    certificate = {"minimum": 300, "maximum": 500, "atoms": atoms, "links": links}
    assert CertificateChecker(certificate).is_proven() is is_proven


def test_the_checker_refuses_a_certificate_without_a_core() -> None:
    atoms = [{"households": 250, "in_core": False}]
    assert not CertificateChecker({"minimum": 300, "maximum": 500, "atoms": atoms, "links": []}).is_proven()
