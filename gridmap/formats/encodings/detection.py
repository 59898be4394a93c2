"""Choice of an encoding: what a file says first, then its content, with the evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from gridmap.core.errors import N_, Message
from gridmap.formats.encodings.names import find_codec, is_machine_dependent
from gridmap.formats.encodings.plausibility import decode_start, score_encoding

CONTENT_CANDIDATES = ("utf-8", "gb18030", "cp950", "cp1252")
MAX_SAMPLE_TEXTS = 5_000
MAX_SHOWN_LETTERS = 20
TOLERANCE = 0.15
MIN_SCORE = 0.35
VALID_UTF8_SCORE = 1.2
MIN_PLAUSIBLE_SCORE = 0.6

ALL_ASCII = N_("all its texts are plain ASCII")
AS_DECLARED = N_("{source} says {declared}")
AS_CONTENT = N_("found by its texts, such as “{sample}”")
CONTRADICTED = N_("{source} says {declared}, but its texts are {encoding}, such as “{sample}”")
AS_REQUESTED = N_("chosen by you: {declared}")


@dataclass(frozen=True)
class DeclaredEncoding:
    """Encoding that a file names.

    Parameters
    ----------
    source : str
        Where it is named, such as ``.cpg``.
    name : str
        As it is written there.
    codec : str or None
        Python's name; None if unknown or dependent on the computer.
    """

    source: str
    name: str
    codec: str | None

    @classmethod
    def named(cls, source: str, name: str) -> "DeclaredEncoding":
        """Make it from a name as files write it."""
        return cls(source, name, find_codec(name))


@dataclass(frozen=True)
class TextEncoding:
    """Encoding of the texts of a file, with its evidence.

    Parameters
    ----------
    codec : str
        Python's name.
    evidence : Message
        Why it was chosen.
    is_assumed : bool
        True if the reader should know it: the file named no encoding, or another one.
    """

    codec: str
    evidence: Message
    is_assumed: bool = False

    @property
    def label(self) -> str:
        """Return the usual name of the encoding.

        >>> TextEncoding("gb18030", Message(ALL_ASCII)).label
        'GB18030'
        """
        return encoding_label(self.codec)


def encoding_label(codec: str) -> str:
    """Return the usual name of an encoding.

    >>> encoding_label("euc_jp")
    'EUC-JP'
    """
    return codec.upper().replace("_", "-")


PLAIN_UTF8 = TextEncoding("utf-8", Message(N_("the format is always in UTF-8")))


def choose_encoding(
    texts: Iterable[bytes], declared: Sequence[DeclaredEncoding] = (), requested: str | None = None
) -> TextEncoding | None:
    """Choose the encoding of texts.

    Parameters
    ----------
    texts : iterable of bytes
        Texts of the file, such as the values of a table.
    declared : sequence of DeclaredEncoding
        What the file says, in the order of trust. The first one holds unless the texts are mojibake in it and
        plausible in another encoding.
    requested : str, optional
        Encoding that the person who reads the file names; it always holds.

    Returns
    -------
    TextEncoding or None
        None if the texts are plausible in no encoding.

    Examples
    --------
    >>> chinese = ["水果湖社区".encode("gbk")]
    >>> choose_encoding(chinese, [DeclaredEncoding.named(".cpg", "ISO 8859-1")]).codec
    'gb18030'
    >>> choose_encoding(chinese, requested="latin1").codec
    'iso8859-1'
    """
    if requested and (codec := find_codec(requested)):
        return TextEncoding(codec, Message(AS_REQUESTED, {"declared": requested}))
    sample = list(dict.fromkeys(islice((text for text in texts if not text.isascii()), MAX_SAMPLE_TEXTS)))
    if not sample:
        codec = next((each.codec for each in declared if each.codec), "utf-8")
        return TextEncoding("utf-8" if codec == "ascii" else codec, Message(ALL_ASCII))
    return _choose_by_score(sample, declared)


def accept_declared(declared: DeclaredEncoding) -> TextEncoding | None:
    """Return the encoding that a file names beyond doubt, such as by a byte order mark.

    Examples
    --------
    >>> str(accept_declared(DeclaredEncoding("BOM", "UTF-8", "utf-8")).evidence)
    'BOM says UTF-8'
    """
    if declared.codec is None:
        return None
    return TextEncoding(declared.codec, Message(AS_DECLARED, {"source": declared.source, "declared": declared.name}))


def _choose_by_score(sample: Sequence[bytes], declared: Sequence[DeclaredEncoding]) -> TextEncoding | None:
    candidates = dict.fromkeys([*(each.codec for each in declared if each.codec), *CONTENT_CANDIDATES])
    scores = {codec: score_encoding(sample, codec) for codec in candidates}
    if _are_mostly_utf8(sample):
        scores["utf-8"] = VALID_UTF8_SCORE
    best = max(scores, key=lambda codec: scores[codec])
    if scores[best] < MIN_SCORE:
        return None
    for each in declared:
        if each.codec and scores[each.codec] >= scores[best] - TOLERANCE:
            return TextEncoding(each.codec, Message(AS_DECLARED, {"source": each.source, "declared": each.name}))
    is_obvious = best == "utf-8" and not declared
    return TextEncoding(best, _evidence(sample, best, declared), is_assumed=not is_obvious)


def _are_mostly_utf8(sample: Sequence[bytes]) -> bool:
    """Return whether half of the texts are valid and plausible in UTF-8: other texts are hardly ever valid in it."""
    valid = [text for text in sample if "\N{REPLACEMENT CHARACTER}" not in decode_start(text, "utf-8")]
    return 2 * len(valid) >= len(sample) and score_encoding(valid, "utf-8") >= MIN_PLAUSIBLE_SCORE


def _evidence(sample: Sequence[bytes], codec: str, declared: Sequence[DeclaredEncoding]) -> Message:
    letters = decode_start(sample[0], codec)[:MAX_SHOWN_LETTERS].strip()
    values: dict[str, object] = {"sample": letters, "encoding": encoding_label(codec)}
    named = next((each for each in declared if not is_machine_dependent(each.name)), None)
    if named is None:
        return Message(AS_CONTENT, values)
    return Message(CONTRADICTED, {**values, "source": named.source, "declared": named.name})
