"""docs/performance.md says what was measured: its tables are those of the raw data."""

from bench.load.told import PAGE, TABLES, written


def test_the_tables_are_those_of_the_raw_data() -> None:
    text = PAGE.read_text()
    assert written(text) == text


def test_every_part_has_its_place() -> None:
    assert all(f"<!-- {part} -->" in PAGE.read_text() for part in TABLES)
