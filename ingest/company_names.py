"""Company names: what is left of a name when its form is taken away, and how alike two names are.

Form is case, punctuation, diacritics, legal suffixes and common abbreviations. Two names become a candidate pair when
they share a rare word within one edit. Likeness, 0 to 1, blends the likeness of the whole names with that of their
words, where a rare word counts for more than a common one and an edit counts for less than another word.
"""

from __future__ import annotations

from typing import Final

import polars as pl
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

__all__ = ["candidates", "clean", "similarity"]

#: Legal suffixes, spelled as `clean` sees them: lower case, no dots. Longer ones first.
_SUFFIXES: Final = """
    sp z oo, sa de cv, gmbh and co kg, gmbh co kg, and co kg, co kg, pty ltd, pte ltd, private limited, s de rl,
    incorporated, inc, llc, llp, lp, limited, ltd, ltda, gmbh, mbh, ag, kgaa, kg, ohg, se, sarl, sas, sasu, sa, srl,
    spa, bv, nv, bvba, plc, corporation, corp, company, co, pty, pte, private, pvt, oyj, oy, ab, asa, as, aps, kk, gk,
    sro, zoo, doo, ooo, oao, sl, slu, sc, lda, bhd, sdn bhd
"""
#: Abbreviation -> the word it stands for.
_SHORT: Final = {
    "intl": "international", "int": "international", "tech": "technologies", "technology": "technologies",
    "techs": "technologies", "mfg": "manufacturing", "manuf": "manufacturing", "eng": "engineering",
    "engrg": "engineering", "svc": "services", "svcs": "services", "serv": "services", "service": "services",
    "labs": "laboratories", "lab": "laboratories", "assoc": "associates", "assocs": "associates", "bros": "brothers",
    "mgmt": "management", "mgt": "management", "ind": "industries", "inds": "industries", "indus": "industries",
    "grp": "group", "sys": "systems", "syst": "systems", "system": "systems", "hldg": "holdings", "hldgs": "holdings",
    "holding": "holdings", "constr": "construction", "const": "construction", "prop": "properties",
    "props": "properties", "mktg": "marketing", "mkt": "marketing", "ptnr": "partners", "ptnrs": "partners",
    "prtnrs": "partners", "partner": "partners", "edu": "education", "educ": "education", "soln": "solutions",
    "solns": "solutions", "solution": "solutions", "consltg": "consulting", "cons": "consulting", "natl": "national",
    "univ": "university", "dept": "department", "ctr": "center", "centre": "center", "dist": "distribution",
    "distr": "distribution", "transp": "transport", "trans": "transport", "elec": "electric", "fin": "financial",
    "ins": "insurance", "pharm": "pharma", "pharmaceuticals": "pharma", "telecommunications": "telecom",
}  # fmt: skip
#: Letters that no decomposition turns into plain ones.
_LETTERS: Final = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
#: How many of a name's rarest words it is looked up by.
RARE_WORDS: Final = 2
#: A word (or its misspelling) shared by more pairs than this is not rare.
RARE_PAIRS: Final = 2_000
#: Below this many letters one edit makes another word.
SHORTEST_EDITED: Final = 4
#: Whole-name likeness from which words are compared, and how many candidates of a name get that far.
WORTH_A_LOOK: Final = 0.45
CLOSEST: Final = 4
#: Share of the whole-name likeness in the result; word likeness below `SAME_WORD` counts as another word.
WHOLE_NAME: Final = 0.4
SAME_WORD: Final = 0.5
EDIT_COST: Final = 1.5


def clean(name: pl.Expr) -> pl.Expr:
    """A name without its form: ``"ÅSLAND Intl. (Pty) Ltd"`` becomes ``"asland international"``; null stays null."""
    suffixes = "|".join(" ".join(suffix.split()) for suffix in _SUFFIXES.split(","))
    plain = (
        name.str.to_lowercase()
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.replace_many(list(_LETTERS), list(_LETTERS.values()))
        .str.replace_all(r"\b([as])/([sa])\b", "$1$2")
        .str.replace_all(r"[.'’`´]", "")
        .str.replace_all("&", " and ", literal=True)
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )
    short = plain.str.replace_all(rf" (?:{suffixes})\b", "").str.replace_all(r"\band\b", " ").str.strip_chars()
    kept = pl.when(short == "").then(plain).otherwise(short)
    spaced = pl.lit(" ") + kept.str.replace_all(" +", "  ") + pl.lit(" ")
    expanded = spaced.str.replace_many([f" {one} " for one in _SHORT], [f" {one} " for one in _SHORT.values()])
    return expanded.str.replace_all(" +", " ").str.strip_chars()


def candidates(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Pairs (`left_key`, `right_key`) of names that share a rare word within one edit, or are equal.

    Both frames have `key` and `clean`.
    """
    words = pl.concat([_words(left, "left"), _words(right, "right")])
    rarest = (
        words.join(words.group_by("word").len("uses"), on="word")
        .sort("side", "key", "uses", "word")
        .group_by("side", "key", maintain_order=True)
        .head(RARE_WORDS)
    )
    spelled = rarest.select("side", "key", "word").join(_spellings(rarest.select("word").unique()), on="word")
    whole = [
        frame.filter(pl.col("clean") != "").select(pl.lit(side).alias("side"), "key", spelling=pl.col("clean").hash())
        for side, frame in (("left", left), ("right", right))
    ]
    looked_up = pl.concat([spelled.select("side", "key", "spelling"), *whole]).unique()
    ours, theirs = (
        looked_up.filter(pl.col("side") == side).select(pl.col("key").alias(f"{side}_key"), "spelling")
        for side in ("left", "right")
    )
    uses = ours.group_by("spelling").len("ours").join(theirs.group_by("spelling").len("theirs"), on="spelling")
    rare = uses.filter(pl.col("ours").cast(pl.Int64) * pl.col("theirs") <= RARE_PAIRS)
    return (
        ours.join(rare.select("spelling"), on="spelling", how="semi")
        .join(theirs, on="spelling")
        .select("left_key", "right_key")
        .unique()
    )


def similarity(pairs: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """`pairs` with `similarity` (0 to 1); those nowhere near a match are left out."""
    near = _near(pairs, left, right)
    words = pl.concat([_words(left, "left"), _words(right, "right")])
    weights = (
        words.group_by("word")
        .len("uses")
        .sort("word")
        .select("word", weight=(1 + (left.height + right.height) / pl.col("uses")).log())
        .with_row_index("word_id")
    )
    ours, theirs = (
        words.filter(pl.col("side") == side)
        .join(weights, on="word")
        .select(
            pl.col("key").alias(f"{side}_key"), pl.col("word_id").alias(f"{side}_word"), pl.col("weight").alias(side)
        )
        for side in ("left", "right")
    )
    met = near.select("pair", "left_key", "right_key").join(ours, on="left_key").join(theirs, on="right_key")
    met = met.join(
        _alike(met.select("left_word", "right_word").unique(), weights["word"]), on=["left_word", "right_word"]
    )
    found = near.join(_covered(met, "left"), on="pair").join(_covered(met, "right"), on="pair")
    of_words = (pl.col("left_share") + pl.col("right_share")) / 2
    blend = WHOLE_NAME * pl.col("whole") + (1 - WHOLE_NAME) * of_words
    return found.select("left_key", "right_key", similarity=blend.round(6)).sort("left_key", "right_key")


def _words(frame: pl.DataFrame, side: str) -> pl.DataFrame:
    return (
        frame.filter(pl.col("clean") != "")
        .select(pl.lit(side).alias("side"), "key", word=pl.col("clean").str.split(" "))
        .explode("word")
        .unique()
    )


def _spellings(words: pl.DataFrame) -> pl.DataFrame:
    """Each word under itself and under every form with one letter left out: words one edit apart share one of them."""
    letters = pl.col("word").str.len_chars()
    longest = words.select(letters.max()).item() or 0
    edited = words.filter(letters >= SHORTEST_EDITED)
    without = [
        edited.filter(letters > place).with_columns(
            spelling=pl.col("word").str.slice(0, place) + pl.col("word").str.slice(place + 1)
        )
        for place in range(longest)
    ]
    every = pl.concat([words.with_columns(spelling=pl.col("word")), *without])
    return every.with_columns(pl.col("spelling").hash()).unique()


def _near(pairs: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """The candidates whose whole names are alike enough, the closest few of each name."""
    named = pairs.join(left.select(left_key="key", left_clean="clean"), on="left_key").join(
        right.select(right_key="key", right_clean="clean"), on="right_key"
    )
    texts = named["left_clean"].to_list(), named["right_clean"].to_list()
    scores = [
        process.cpdist(*texts, scorer=scorer, workers=-1) for scorer in (fuzz.token_sort_ratio, fuzz.token_set_ratio)
    ]
    whole = (pl.Series(scores[0]) + pl.Series(scores[1])).cast(pl.Float64) / 200
    ranked = named.select("left_key", "right_key", whole=whole).filter(pl.col("whole") >= WORTH_A_LOOK)
    place = [pl.col("whole").rank("min", descending=True).over(key) <= CLOSEST for key in ("left_key", "right_key")]
    return ranked.filter(place[0] | place[1]).with_row_index("pair")


def _alike(pairs: pl.DataFrame, words: pl.Series) -> pl.DataFrame:
    """How alike two words are: an edit (a swap of neighbours is one) costs more in a short word."""
    texts = (words.gather(pairs[column]).to_list() for column in ("left_word", "right_word"))
    scores = process.cpdist(*texts, scorer=OSA.normalized_similarity, score_cutoff=SAME_WORD, workers=-1)
    return pairs.with_columns(alike=pl.Series(scores).cast(pl.Float64) ** EDIT_COST)


def _covered(met: pl.DataFrame, side: str) -> pl.DataFrame:
    """The share of one name, by weight of its words, that the other name has too."""
    best = met.group_by("pair", f"{side}_word").agg(pl.col("alike").max(), pl.col(side).first())
    found = (pl.col("alike") * pl.col(side)).sum() / pl.col(side).sum()
    return best.group_by("pair").agg(found.alias(f"{side}_share"))
