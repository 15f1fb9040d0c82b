"""The catalogue: correct servers are accused of nothing, and each defect is found and named by its clause.

A part of each table is judged, which the length of a run in CI decides; with `LOOKALIKE_CATALOGUE=all`, every member;
with `LOOKALIKE_CATALOGUE=seeds`, every member with one of ten other seeds.
"""

import os
import zlib
from collections import Counter
from pathlib import Path

import pytest

from tests.catalogue.judging import judge
from tests.catalogue.members import CORRECT, DEFECTS
from tests.catalogue.ways import Member

ASKED = os.environ.get("LOOKALIKE_CATALOGUE")
EVERY = 1 if ASKED in ("all", "seeds") else 34


def seed_of(member: Member) -> int:
    """The seed of the run on a member: 1, or one of the ten after it, the same each time."""
    return 2 + zlib.crc32(member.name.encode()) % 10 if ASKED == "seeds" else 1


@pytest.mark.parametrize("member", CORRECT[EVERY > 1 :: EVERY], ids=lambda member: member.name)
def test_a_correct_server_is_accused_of_nothing_and_left_as_it_was(member: Member, tmp_path: Path) -> None:
    found = judge(member, tmp_path, seed_of(member))
    assert (found.failures(), found.exit_code) == ({}, 0), found.output
    assert bool(found.report["left_behind"]) == member.keeps, found.output


@pytest.mark.parametrize("name", ["albums: as it is", "crews: as it is", "essays: as it is"])
def test_files_and_memberships_are_made_first_so_that_every_clause_is_exercised(name: str, tmp_path: Path) -> None:
    found = judge(next(one for one in CORRECT if one.name == name), tmp_path)
    assert {id: one for id, one in found.statuses().items() if id not in found.held()} == {}


@pytest.mark.parametrize("member", DEFECTS[::EVERY], ids=lambda member: member.name)
def test_a_defect_is_found_and_named_by_its_clause(member: Member, tmp_path: Path) -> None:
    found = judge(member, tmp_path, seed_of(member))
    assert set(member.clauses) & found.failures().keys(), found.output


def test_there_are_sixty_servers_of_either_kind_over_eight_shapes() -> None:
    assert min(len(CORRECT), len(DEFECTS)) >= 60
    assert len({member.shape for member in CORRECT} & {member.shape for member in DEFECTS}) >= 8


def test_names_differ_and_only_defects_name_clauses() -> None:
    assert [name for name, times in Counter(one.name for one in (*CORRECT, *DEFECTS)).items() if times > 1] == []
    assert not [one.name for one in CORRECT if one.clauses]
    assert not [one.name for one in DEFECTS if not one.clauses]
