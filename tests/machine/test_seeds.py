"""The seeded defects can be planted: `make machine-seeds` runs the machine on each."""

import pytest

from tests.machine.seeds import SEEDS, Seed
from tests.promises import REPOSITORY


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.what)
def test_the_place_of_a_seeded_defect_occurs_once(seed: Seed) -> None:
    text = (REPOSITORY / seed.file).read_text()

    assert text.count(seed.old) == 1
    assert seed.new not in text
