"""The building that an address means: exact and unique, or candidates with the reason for each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from gridmap.core.addresses.address_parts import DoorAddress, building_label, fold_address, parse_address
from gridmap.core.vocabulary import CandidateReason

MAX_CANDIDATES = 5
MIN_SIMILARITY = 0.6
"""Likeness of two addresses from which one is worth showing for the other."""


@dataclass(frozen=True)
class KnownBuilding:
    """A building with the words by which people find it.

    Parameters
    ----------
    id : int
    code : str
    name, address, estate, courtyard : str, optional
    """

    id: int
    code: str
    name: str | None = None
    address: str | None = None
    estate: str | None = None
    courtyard: str | None = None

    def title(self) -> str:
        """Return the words to show: estate and name, or the address, or the code."""
        named = "".join(filter(None, (self.estate, self.name)))
        return named or self.address or self.code


@dataclass(frozen=True)
class PlaceWords:
    """Words of a row that say where something is; the more of them, the better.

    Parameters
    ----------
    code : str, optional
        Code of the building.
    estate, building, address : str, optional
    """

    code: str | None = None
    estate: str | None = None
    building: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class BuildingCandidate:
    """A building that may be meant, and why."""

    building: KnownBuilding
    reason: CandidateReason


@dataclass(frozen=True)
class BuildingMatch:
    """Result of a search: the building if it is exact and unique, else candidates, the likeliest first.

    Parameters
    ----------
    building : KnownBuilding, optional
    candidates : sequence of BuildingCandidate
    door : DoorAddress, optional
        Unit and number that the address itself names.
    """

    building: KnownBuilding | None
    candidates: Sequence[BuildingCandidate] = ()
    door: DoorAddress | None = None


class BuildingIndex:
    """Buildings of a subdistrict by the words that find them.

    Examples
    --------
    >>> index = BuildingIndex([KnownBuilding(1, "b1", "3号楼", "幸福巷1号", "东湖花园")])
    >>> index.find(PlaceWords(address="东湖花园三号楼2单元501")).building.code
    'b1'
    >>> match = index.find(PlaceWords(estate="东湖花园", building="4栋"))
    >>> match.building, [(each.building.code, str(each.reason)) for each in match.candidates]
    (None, [('b1', 'same_estate')])
    """

    def __init__(self, buildings: Iterable[KnownBuilding]) -> None:
        self.buildings = list(buildings)
        self._by_code = {each.code: each for each in self.buildings}
        self._by_key: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._by_address: dict[str, set[int]] = defaultdict(set)
        self._by_label: dict[str, set[int]] = defaultdict(set)
        for position, building in enumerate(self.buildings):
            self._add(position, building)
        self._found: dict[PlaceWords, BuildingMatch] = {}

    def _add(self, position: int, building: KnownBuilding) -> None:
        label = building_label(building.name)
        places = [fold_address(place) for place in (building.estate, building.courtyard) if place]
        if building.address:
            folded = fold_address(building.address)
            self._by_address[folded].add(position)
            parsed = parse_address(building.address)
            places += [parsed.place] if parsed.building else []
            label = label or parsed.building
        if label:
            self._by_label[label].add(position)
            for place in places:
                self._by_key[place, label].add(position)

    def find(self, words: PlaceWords) -> BuildingMatch:
        """Return the building that words mean; each combination is looked up once."""
        if words not in self._found:
            self._found[words] = self._find(words)
        return self._found[words]

    def _find(self, words: PlaceWords) -> BuildingMatch:
        door = parse_address(words.address) if words.address else None
        if words.code:
            exact = self._by_code.get(words.code)
            if exact is not None:
                return BuildingMatch(exact, door=door)
            return BuildingMatch(None, self._candidates(words, door), door)
        positions = self._exact_positions(words, door)
        if len(positions) == 1:
            return BuildingMatch(self.buildings[positions.pop()], door=door)
        if positions:
            several = [BuildingCandidate(self.buildings[each], CandidateReason.SEVERAL) for each in sorted(positions)]
            return BuildingMatch(None, several[:MAX_CANDIDATES], door)
        return BuildingMatch(None, self._candidates(words, door), door)

    def _exact_positions(self, words: PlaceWords, door: DoorAddress | None) -> set[int]:
        label, estate = building_label(words.building), fold_address(words.estate or "")
        if label and estate:
            return set(self._by_key.get((estate, label), ()))
        if door and door.building:
            found = self._by_key.get((door.place, door.building)) or self._by_key.get((estate, door.building))
            if found or door.place:
                return set(found or self._by_suffix(door))
        if words.address:
            place = door.place if door else ""
            folded = fold_address(words.address)
            if found := self._by_address.get(folded) or self._by_address.get(place):
                return set(found)
        if label and not words.address:
            return set(self._by_label.get(label, ()))
        return set()

    def _by_suffix(self, door: DoorAddress) -> set[int]:
        """Return buildings whose estate or street ends the place: an address may begin with the city."""
        places = {place for place, label in self._by_key if label == door.building and door.place.endswith(place)}
        longest = max(map(len, places), default=0)
        return {
            position
            for place in places
            if place and len(place) == longest
            for position in self._by_key[place, str(door.building)]
        }

    def _candidates(self, words: PlaceWords, door: DoorAddress | None) -> list[BuildingCandidate]:
        found: dict[int, BuildingCandidate] = {}
        for building, reason in self._ranked(words, door):
            found.setdefault(building.id, BuildingCandidate(building, reason))
            if len(found) == MAX_CANDIDATES:
                break
        return list(found.values())

    def _ranked(self, words: PlaceWords, door: DoorAddress | None) -> Iterator[tuple[KnownBuilding, CandidateReason]]:
        estate = fold_address(words.estate or (door.place if door else ""))
        label = building_label(words.building) or (door.building if door else None)
        in_estate = [each for each in self.buildings if estate and fold_address(each.estate or "") == estate]
        yield from ((each, CandidateReason.SAME_ESTATE) for each in _nearest(in_estate, label))
        if words.address or words.estate:
            text = fold_address((words.address or "") or f"{words.estate}{words.building or ''}")
            yield from ((each, CandidateReason.SIMILAR_ADDRESS) for each in self._similar(text))
        if label:
            positions = sorted(self._by_label.get(label, ()))[:MAX_CANDIDATES]
            yield from ((self.buildings[each], CandidateReason.SAME_NUMBER) for each in positions)

    def _similar(self, text: str) -> list[KnownBuilding]:
        """Return the buildings whose address or name is most like a text."""
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(text)
        rated: list[tuple[float, int]] = []
        for position, building in enumerate(self.buildings):
            for own in (building.address, f"{building.estate or ''}{building.name or ''}"):
                matcher.set_seq1(fold_address(own or ""))
                if own and matcher.real_quick_ratio() >= MIN_SIMILARITY and matcher.quick_ratio() >= MIN_SIMILARITY:
                    rated.append((-matcher.ratio(), position))
        best = sorted(each for each in rated if -each[0] >= MIN_SIMILARITY)[:MAX_CANDIDATES]
        return [self.buildings[position] for _, position in best]


def _nearest(buildings: Sequence[KnownBuilding], label: str | None) -> list[KnownBuilding]:
    """Return buildings of an estate, those with numbers near a label first."""
    return sorted(buildings, key=lambda each: (_distance(building_label(each.name), label), each.name or ""))


def _distance(own: str | None, wanted: str | None) -> int:
    if own and wanted and own.isdigit() and wanted.isdigit():
        return abs(int(own) - int(wanted))
    return 0 if own == wanted else 10_000
