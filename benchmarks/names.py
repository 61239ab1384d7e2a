"""Company names, one system's customers against another's: how many true links are found, how many are wrong, how fast.

Both lists are generated: firms of one to four words, 30% of which share their leading word with another firm; of those
in both lists the second system's name has its legal suffix swapped or dropped and one to three edits (typing errors,
abbreviations, word order, a dropped middle word, a place tag, case). City: 10% empty, 8% wrong. Domain: 40% empty, 5%
wrong. A pair counts when each is the other's best.

    python -m benchmarks.names [--size 50000] [--seeds 11 12 13]
"""

from __future__ import annotations

import argparse
import random
import resource
import string
import time
from dataclasses import dataclass

import polars as pl

from ingest.matching import match

__all__ = ["Score", "generate", "measure", "score"]

_SUFFIXES = (
    "Inc.", "Inc", "LLC", "Ltd", "Limited", "GmbH", "AG", "S.A.", "SAS", "B.V.", "PLC", "Corp.", "Corporation", "Co.",
    "Pty Ltd", "S.p.A.", "Oy", "AB", "A/S", "K.K.", "Sp. z o.o.", "",
)  # fmt: skip
_TRADES = (
    "Logistics", "Energy", "Insurance", "Foods", "Pharma", "Retail", "Airlines", "Motors", "Textiles", "Robotics",
    "Chemicals", "Mining", "Media", "Banking", "Shipping", "Telecom", "Hospitals", "Aerospace", "Paper", "Beverages",
    "Software", "Instruments", "Packaging", "Utilities", "Education", "Biotech", "Furniture", "Optics", "Plastics",
    "Publishing", "Agriculture", "Steel", "Hotels", "Semiconductors", "Cosmetics", "Rail", "Concrete", "Waste",
    "Electronics", "Leasing", "Holdings", "Group", "Partners", "Systems", "Solutions", "Technologies", "Industries",
    "International", "Manufacturing", "Engineering", "Services", "Consulting", "Laboratories", "Associates", "Capital",
    "Ventures", "Trading", "Construction", "Properties", "Networks", "Brothers", "Marketing", "Management", "Security",
)  # fmt: skip
_PLACES = (
    "Berlin", "London", "Paris", "Madrid", "Milano", "Zürich", "Wien", "Oslo", "Stockholm", "København", "Chicago",
    "Boston", "Austin", "Denver", "Seattle", "Toronto", "Sydney", "Tokyo", "Singapore", "Dublin", "Warszawa", "Lisboa",
)  # fmt: skip
_SHORT = {
    "International": "Intl", "Technologies": "Tech", "Manufacturing": "Mfg", "Engineering": "Eng", "Services": "Svcs",
    "Laboratories": "Labs", "Associates": "Assoc", "Brothers": "Bros", "Management": "Mgmt", "Industries": "Ind",
    "Group": "Grp", "Consulting": "Consltg", "Systems": "Sys", "Solutions": "Soln", "Holdings": "Hldgs",
    "Construction": "Constr", "Properties": "Props", "Marketing": "Mktg", "Partners": "Ptnrs", "Education": "Edu",
}  # fmt: skip
#: Kinds of edit and how often each is made.
_EDITS = {"typo": 4, "short": 4, "order": 1, "drop": 1, "place": 1, "case": 4}
_STARTS = (
    "b",
    "br",
    "c",
    "cl",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "qu",
    "r",
    "s",
    "st",
    "str",
    "t",
    "tr",
    "v",
    "w",
    "z",
    "sh",
    "ch",
    "th",
    "bl",
    "pl",
    "cr",
    "sk",
    "sp",
)
_VOWELS = ("a", "e", "i", "o", "u", "ea", "ou", "ai", "ie", "oa")
_MIDDLES = ("l", "m", "n", "r", "s", "t", "d", "v", "nd", "rt", "st", "lm", "rn", "ll", "ss", "tt", "x", "k", "b", "g")
_ENDS = (
    "a",
    "o",
    "er",
    "on",
    "en",
    "ia",
    "ix",
    "is",
    "um",
    "ar",
    "el",
    "in",
    "ex",
    "ton",
    "ford",
    "land",
    "wood",
    "well",
    "son",
    "man",
    "berg",
    "stein",
    "field",
    "mont",
    "ville",
)


@dataclass(frozen=True)
class Score:
    """What a list of pairs is worth against the truth."""

    f1: float
    precision: float
    recall: float
    recall_at_99: float
    automatic: int
    automatic_precision: float


def generate(size: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two lists of `size` customers with `key`, `name`, `city`, `domain`, `tax_id`; equal `firm` means one firm."""
    chance = random.Random(seed)
    both = size * 4 // 5
    firms = _firms(2 * size - both, chance)
    first, second = range(size), [*range(both), *range(size, 2 * size - both)]
    left = [_record(firms[firm], firm, chance, copy=False) for firm in first]
    right = [_record(firms[firm], firm, chance, copy=True) for firm in second]
    chance.shuffle(right)
    return tuple(pl.DataFrame(rows, orient="row").with_row_index("key") for rows in (left, right))  # type: ignore[return-value]


def _firms(count: int, chance: random.Random) -> list[tuple[list[str], str, str]]:
    """Names (in words), cities and domains: no two the same name."""
    seen: set[tuple[str, ...]] = set()
    firms: list[tuple[list[str], str, str]] = []
    leads: list[str] = []
    while len(firms) < count:
        confounds = leads and chance.random() < 0.3
        lead = chance.choice(leads) if confounds else _coined(chance)
        words = [lead]
        if chance.random() < 0.35:
            words.append(_coined(chance))
        words += chance.sample(
            _TRADES, chance.choice((1, 1, 1, 2)) if len(words) == 1 or confounds else chance.choice((0, 1, 1))
        )
        if tuple(words) in seen:
            continue
        seen.add(tuple(words))
        if not confounds:
            leads.append(lead)
        domain = "".join(words).lower()[:24] + chance.choice((".com", ".de", ".co.uk", ".io", ".net"))
        firms.append((words, chance.choice(_PLACES), domain))
    return firms


def _coined(chance: random.Random) -> str:
    syllables = [chance.choice(_STARTS) + chance.choice(_VOWELS) for _ in range(chance.choice((1, 1, 2)))]
    return (chance.choice(_MIDDLES).join(syllables) + chance.choice(_MIDDLES) + chance.choice(_ENDS)).capitalize()


def _record(firm: tuple[list[str], str, str], number: int, chance: random.Random, *, copy: bool) -> dict[str, object]:
    words, city, domain = firm
    suffix = chance.choice(_SUFFIXES)
    name = f"{_edited(words, city, chance)} {suffix}" if copy else f"{' '.join(words)} {suffix}"
    if copy and chance.random() < 0.15:
        name = name.upper() if chance.random() < 0.5 else name.lower()
    seen_city, seen_domain, other_domain = chance.random(), chance.random(), f"{_coined(chance).lower()}.com"
    return {
        "firm": number,
        "name": name.strip(),
        "city": None if seen_city < 0.10 else chance.choice(_PLACES) if copy and seen_city < 0.18 else city,
        "domain": None if seen_domain < 0.40 else other_domain if copy and seen_domain < 0.45 else domain,
        "tax_id": None,
    }


def _edited(words: list[str], city: str, chance: random.Random) -> str:
    words = list(words)
    tag = ""
    for edit in chance.choices(tuple(_EDITS), _EDITS.values(), k=chance.choice((1, 1, 2, 3))):
        match edit:
            case "typo":
                at = chance.randrange(len(words))
                words[at] = _typo(words[at], chance)
            case "short":
                words = [_SHORT.get(word, word) for word in words]
            case "order" if len(words) > 1:
                words = [words[-1], *words[:-1]]
            case "drop" if len(words) > 2:
                del words[1]
            case "place":
                tag = f" ({city})" if chance.random() < 0.5 else f" {city}"
            case "case":
                words = [word.upper() for word in words]
    return " ".join(words) + tag


def _typo(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    letter = chance.choice(string.ascii_lowercase)
    match chance.choice(("drop", "add", "swap", "other")):
        case "drop" if len(word) > 3:
            return word[:at] + word[at + 1 :]
        case "add":
            return word[:at] + letter + word[at:]
        case "swap" if at:
            return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    return word[:at] + letter + word[at + 1 :]


def score(pairs: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> Score:
    """Precision and recall of pairs that are each other's best, at the best cut and at a precision of 99%."""
    links = left.join(right, on="firm").height
    judged = (
        pairs.filter("is_best")
        .join(left.select(left_key="key", left_firm="firm"), on="left_key")
        .join(right.select(right_key="key", right_firm="firm"), on="right_key")
        .with_columns(right=pl.col("left_firm") == pl.col("right_firm"))
        .sort("score", descending=True)
        .with_columns(found=pl.col("right").cum_sum(), tried=pl.int_range(1, pl.len() + 1))
        .with_columns(precision=pl.col("found") / pl.col("tried"), recall=pl.col("found") / links)
        .with_columns(f1=2 * pl.col("found") / (pl.col("tried") + links))
    )
    best = judged.sort("f1", descending=True).row(0, named=True)
    careful = judged.filter(pl.col("precision") >= 0.99)["recall"].max()
    automatic = judged.filter("is_automatic")
    sure = automatic["right"].mean() if automatic.height else 1.0
    return Score(best["f1"], best["precision"], best["recall"], careful or 0.0, automatic.height, sure)  # type: ignore[arg-type]


def measure(size: int, seed: int, *, names_only: bool) -> tuple[Score, float, float]:
    """One run: its score, its seconds and its CPU seconds, generation not counted."""
    left, right = generate(size, seed)
    columns = ["key", "name"] if names_only else ["key", "name", "city", "domain", "tax_id"]
    started, started_cpu = time.perf_counter(), time.process_time()
    pairs = match(left.select(columns), right.select(columns))
    seconds, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    return score(pairs, left, right), seconds, cpu


def main() -> None:
    """Prints one line a run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--size", type=int, default=50_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13])
    chosen = parser.parse_args()
    print(
        "| names | seed | fields | seconds | CPU s | F1 (P / R) | recall at P >= 0.99 "
        "| automatic links (precision) | peak GB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for seed in chosen.seeds:
        for names_only in (True, False):
            found, seconds, cpu = measure(chosen.size, seed, names_only=names_only)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            print(
                f"| {chosen.size:,} | {seed} | {'name' if names_only else 'name, city, domain'} "
                f"| {seconds:.2f} | {cpu:.2f} "
                f"| {found.f1:.4f} ({found.precision:.4f} / {found.recall:.4f}) | {found.recall_at_99:.4f} "
                f"| {found.automatic:,} ({found.automatic_precision:.4f}) | {peak:.2f} |"
            )


if __name__ == "__main__":
    main()
