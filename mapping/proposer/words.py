"""Names and labels of fields as canonical words."""

import re
import unicodedata
from functools import cache, lru_cache

from .concepts import ADDRESS_PARTS, ADDRESS_QUALIFIERS, CONCEPTS, GEO_PARTS, PHONES
from .glossary import GLOSSARY
from .wordlist import entries

SPLIT = re.compile(r"[^a-z0-9]+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
BRANDS = re.compile(r"whatsapp|linkedin|facebook|tiktok|youtube", re.I)
"""Written with capitals inside, they would be divided."""
LETTERS_DIGITS = re.compile(r"(?<=[a-z]{3})(?=\d)")

SYSTEM_PREFIXES = frozenset(
    {"hs", "hubspot", "crm", "cf", "fld", "field", "cust", "custom", "sf", "zoho", "pd", "c", "x"}
    | {"pipedrive", "fs", "freshsales", "msdyn", "new", "studio", "attr", "prop", "property"}
    | {"meta", "std", "qontak", "additional"}
)
"""First words of an API name that only name the system or say 'field'."""

FILLER = frozenset({"of", "field", "column", "kolom", "data", "info", "information", "c"})
LONGEST_PHRASE = 6
LONGEST_TEXT = 200
"""Characters of a name or label that are read."""


@cache
def phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return {spelling as words: canonical words}."""
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    for meaning, spellings in entries(GLOSSARY):
        canonical = tuple(meaning.split())
        for spelling in spellings.split(","):
            table.setdefault(tuple(spelling.split()), canonical)
        if len(canonical) == 1:
            table.setdefault(tuple(meaning.replace("_", " ").split()), canonical)
    return table


@cache
def vocabulary() -> frozenset[str]:
    """Return every single word known, used to divide words written together."""
    words = {word for spelling in phrases() for word in spelling}
    for _, body in entries(CONCEPTS):
        words.update(body.replace("|", " ").replace("?", " ").split())
    for texts in PHONES.values():
        words.update(" ".join(texts).split())
    words.update(ADDRESS_PARTS + GEO_PARTS + ADDRESS_QUALIFIERS)
    return frozenset(word for word in words if "_" not in word)


@lru_cache(maxsize=8192)
def raw_words(text: str) -> tuple[str, ...]:
    """Return the lower-case words of a name or label: "No. HP_2" gives no, hp, 2."""
    text = CAMEL.sub(" ", BRANDS.sub(lambda brand: brand.group().capitalize(), text[:LONGEST_TEXT]))
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words: list[str] = []
    for word in SPLIT.split(LETTERS_DIGITS.sub(" ", plain.replace("'s ", " "))):
        if word:
            words.extend(_divided(word))
    return tuple(words)


def without_prefix(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return API-name words without leading words that only name the system."""
    start = 0
    while start < len(words) - 1 and words[start] in SYSTEM_PREFIXES:
        start += 1
    return words[start:]


@lru_cache(maxsize=8192)
def canonical(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return canonical words, longest glossary phrase first, fillers dropped, order kept."""
    table, known = phrases(), vocabulary()
    result: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
            meaning = table.get(words[at : at + length])
            if meaning:
                result.extend(meaning)
                at += length
                break
        else:
            word = words[at]
            singular = word[:-1] if word.endswith("s") and len(word) > 3 else word
            if word not in known and (singular,) in table:
                result.extend(table[(singular,)])
            else:
                result.append(singular if word not in known and singular in known else word)
            at += 1
    return tuple(dict.fromkeys(word for word in result if word not in FILLER))


@lru_cache(maxsize=8192)
def _divided(word: str) -> tuple[str, ...]:
    """Divide a word written together into known words of three letters or more, if all are."""
    known = vocabulary()
    if word in known or len(word) < 6 or not word.isalpha():
        return (word,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(3, len(word) + 1):
        for start in range(end - 2):
            head, piece = best[start], word[start:end]
            if (
                head is not None
                and piece in known
                and (best[end] is None or len(head) + 1 < len(best[end] or ()))
            ):
                best[end] = (*head, piece)
    left, joint, right = word.partition("of")
    if best[-1] is None and left in known and (right in known or len(_divided(right)) > 1):
        return (left, joint, *_divided(right))
    return best[-1] or (word,)
