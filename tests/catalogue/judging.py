"""The judgement of a member of the catalogue."""

import json
from pathlib import Path

from tests.catalogue.documents import SHAPES
from tests.catalogue.ways import Member
from tests.support.servers.judging import CLAUSES, Judged, judged
from tests.support.servers.serving import serving


def judge(member: Member, folder: Path, seed: int = 1) -> Judged:
    """The findings of `verify` about a member, by the clauses of its document."""
    shape, document = SHAPES[member.shape], folder / f"{member.shape}.json"
    document.write_text(json.dumps(shape.document))
    with serving(member.server()) as url:
        return judged(url, folder, *CLAUSES, "--seed", str(seed), document=document, target=shape.target)
