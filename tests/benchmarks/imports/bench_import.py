"""Import of 300,000 residents with all checks beside plain COPY of the same rows, and the cost of the journal.

Run with the development environment: .venv/bin/python -m tests.benchmarks.imports.bench_import [--residents N] [--json]
A CSV file with names, valid identity numbers, phones and addresses is read, checked, matched to buildings and
households, encrypted and written. The peer writes rows with the same content, encrypted before, by COPY; both write
into the same tables with the same indexes, in one run.
"""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from gridmap.core.caller import OWNER
from gridmap.core.privacy.id_numbers import check_digit
from gridmap.formats.sheets.kinds import RESIDENTS
from gridmap.services.imports.sheets.run import ImportRequest, apply_import, prepare_import
from gridmap.store.schema import Building, Community, Subdistrict
from gridmap.store.session import Database
from gridmap.store.writes.bulk import analyze, copy_rows
from tests.benchmarks.harness.measure import Row, check_target
from tests.benchmarks.imports.command import ImportBenchmark, cpu_s

DAY = date(2026, 3, 1)
PER_HOUSEHOLD, PER_BUILDING = 3, 150
COLUMNS = (
    "subdistrict_id, household_id, name, birth_year, id_number_encrypted, id_number_index, phone_encrypted,"
    " phone_index, source, valid"
)


def residents(count: int) -> Iterator[list[str]]:
    """Yield rows of a register: households of three behind numbered doors."""
    for n in range(count):
        digits = f"440199{1940 + n % 80}{1 + n % 12:02d}{1 + n % 28:02d}{n // 1680 % 1000:03d}"
        building, door = n // PER_BUILDING, n % PER_BUILDING // PER_HOUSEHOLD
        home = [f"{building:06d}", f"{1 + door // 25}单元", f"{1 + door % 25 // 2:d}{1 + door % 2:02d}"]
        yield [f"居民{n}", digits + check_digit(digits + "0"), f"1390000{n % 10_000:04d}", *home]


def write_register(path: Path, count: int) -> None:
    """Write the register as a CSV file."""
    lines = ["姓名,身份证号,联系电话,楼栋编码,单元,房号", *(",".join(row) for row in residents(count))]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def insert_buildings(database: Database, count: int) -> None:
    """Insert a subdistrict with one community and buildings at one point."""
    square = shapely.set_srid(shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), 4326)
    with database.transaction() as session:
        names = {"code": ["bench"], "name": "bench", "source": "bench", "geometry": [square]}
        subdistrict = int(copy_rows(session, Subdistrict, names)[0])
        keys = {"subdistrict_id": subdistrict}
        community = int(copy_rows(session, Community, {**keys, "code": ["c"], "name": "c", "geometry": [square]})[0])
        codes = [f"{n:06d}" for n in range(count)]
        point = shapely.set_srid(shapely.Point(0.5, 0.5), 4326)
        columns = {**keys, "community_id": community, "code": codes, "geometry": [point] * count}
        copy_rows(session, Building, columns)
        analyze(session)  # as every command that loads a town


def import_register(database: Database, path: Path) -> Row:
    """Import the register; return the CPU seconds of each step."""
    with database.transaction() as session:
        driver = session.connection().connection.driver_connection
        begun = cpu_s(driver)
        preview = prepare_import(session, OWNER, ImportRequest(path, RESIDENTS, "bench", "register", DAY))
        prepared = cpu_s(driver)
        counts = apply_import(preview).counts
        session.flush()
        applied = cpu_s(driver)
    steps = {"read_and_compare_cpu_s": prepared - begun, "encrypt_and_write_cpu_s": applied - prepared}
    return {"rows": counts["new"], **steps, "import_cpu_s": applied - begun}


def copy_again(driver: Any, journal: str) -> float:
    """Write the residents once more by plain COPY, with or without the journal; return the CPU seconds."""
    content = io.StringIO()
    with driver.cursor() as cursor:
        cursor.execute("SELECT set_config('gridmap.journal', %s, false)", (journal,))
        cursor.copy_expert(f"COPY (SELECT {COLUMNS} FROM resident WHERE source = 'register') TO STDOUT", content)
        content.seek(0)
        driver.commit()
        begun = cpu_s(driver)
        cursor.copy_expert(f"COPY resident ({COLUMNS}) FROM STDIN", content)
        driver.commit()
        taken = cpu_s(driver) - begun
        cursor.execute("DELETE FROM resident WHERE id > (SELECT min(id) + count(*) / 2 - 1 FROM resident)")
        driver.commit()
    return taken


def measure_import(database: Database, folder: Path, count: int) -> Row:
    """Import the register, then copy the same rows without and with the journal."""
    insert_buildings(database, -(-count // PER_BUILDING))
    write_register(path := folder / "register.csv", count)
    row = import_register(database, path)
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        plain, journaled = copy_again(driver, "off"), copy_again(driver, "on")
    copies = {"copy_cpu_s": plain, "copy_with_journal_cpu_s": journaled}
    return {**row, **copies, "ratio": plain / row["import_cpu_s"]}


def check(row: Row) -> list[Row]:
    """Compare the ratio, and the cost of the journal, with their targets."""
    journal_cost = row["copy_with_journal_cpu_s"] / row["copy_cpu_s"] - 1
    return [
        check_target("import at least 0.3 as fast as plain COPY", row["ratio"], row["ratio"] >= 0.3),
        check_target("journal costs at most 0.3 of a COPY", journal_cost, journal_cost <= 0.3),
    ]


if __name__ == "__main__":
    ImportBenchmark("import", "residents", 300_000, 3_000, measure_import, check).main()
