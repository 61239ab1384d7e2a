"""Finds which company of one list is which of another by name, city, domain and tax number, and explains each pair.

The score adds up weights of evidence in bits, one per term, as a person would weigh them: an equal tax number says
much, another city says little. Every term is kept, and so is the runner-up. A score proposes: only pairs that are
`automatic` (above 0.98, each other's best, no second candidate, the same tax number or domain, much the same name) are
sure enough to be linked without a person; the benchmark holds them to a precision of 0.995.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import polars as pl

from ingest import company_names

__all__ = ["AUTOMATIC", "REVIEW", "RULE_VERSION", "explained", "judged", "match", "ranked", "rival", "score"]

#: Changes whenever a weight or a threshold below does.
RULE_VERSION: Final = 1
#: Scores from here on may be linked at once, under the conditions above.
AUTOMATIC: Final = 0.98
#: Scores from here on are shown to a person.
REVIEW: Final = 0.92
#: What a pair must have in its name to be linked at once.
SAME_NAME: Final = 0.85
#: A domain or tax number that more records share tells nothing: gmail.com, 000000000.
SHARED_BY: Final = 5

#: Likeness of names -> bits; straight lines in between. Measured on generated lists (benchmarks/names.py).
_NAME_BITS: Final = ((0.0, -8.0), (0.60, -8.0), (0.70, -3.6), (0.76, 0.0), (0.85, 3.4), (0.92, 5.5), (1.0, 9.0))
#: Term -> bits when equal, bits when different. Nothing when either is empty.
_BITS: Final = {"tax_id": (10.0, -10.0), "domain": (8.0, -3.0), "postal_code": (2.5, -0.5), "city": (2.0, -1.0)}
#: Terms that identify, so that their values make candidates too.
_IDENTIFYING: Final = ("tax_id", "domain")


def match(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Scored pairs of two lists, with `is_best`, `is_automatic` and `runner_up`.

    Both frames have `key` and `name`, and as far as known `city`, `postal_code`, `domain`, `tax_id`. Only each record's
    best candidates are among the pairs, not all pairs there are.
    """
    return ranked(score(left, right))


def score(left: pl.DataFrame, right: pl.DataFrame | None = None) -> pl.DataFrame:
    """Scored pairs of two lists, or of one list with itself (each pair once, the smaller key left)."""
    ours = _prepared(left)
    theirs = ours if right is None else _prepared(right)
    pairs = company_names.candidates(ours, theirs)
    if right is None:
        pairs = pairs.filter(pl.col("left_key") < pl.col("right_key"))
    named = company_names.similarity(pairs, ours, theirs)
    shared = [_sharing(term, ours, theirs, itself=right is None) for term in _IDENTIFYING]
    every = pl.concat([named, *(pairs.with_columns(similarity=pl.lit(0.0)) for pairs in shared)])
    once = every.group_by("left_key", "right_key").agg(pl.col("similarity").max())
    return _weighed(once, ours, theirs).sort("left_key", "right_key")


def ranked(pairs: pl.DataFrame) -> pl.DataFrame:
    """Scored pairs of two lists with `runner_up` (the best score either has elsewhere) and the judgement on it."""
    others = [
        rival(candidate, [key], [candidate]).struct.field("score")
        for key, candidate in (("left_key", "right_key"), ("right_key", "left_key"))
    ]
    return judged(pairs.with_columns(runner_up=pl.max_horizontal(*others).fill_null(0.0)))


def rival(candidate: str, over: list[str], ties: list[str]) -> pl.Expr:
    """The best other candidate of the same record, as a struct of `candidate` and `score`; null where there is none.

    Best first by score, then by `ties` (the older one, then the key), never by the order of rows. An equal score
    counts: then nobody is the best.
    """
    both = pl.struct(candidate, "score").sort_by(
        ["score", *ties], descending=[True, *(False for _ in ties)], nulls_last=True
    )
    first, second = both.first().over(over), both.slice(1, 1).first().over(over)
    return pl.when(pl.col(candidate) == first.struct.field(candidate)).then(second).otherwise(first)


def judged(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs with `is_best` (each other's) and `is_automatic` (sure enough to be linked without a person)."""
    corroborated = pl.any_horizontal(pl.col(f"{term}_bits") > 0 for term in _IDENTIFYING).fill_null(value=False)
    return pairs.with_columns(is_best=pl.col("score") > pl.col("runner_up")).with_columns(
        is_automatic=pl.col("is_best")
        & (pl.col("score") >= AUTOMATIC)
        & (pl.col("runner_up") < REVIEW)
        & (pl.col("similarity") >= SAME_NAME)
        & corroborated
    )


def explained(pairs: pl.DataFrame) -> pl.Series:
    """One JSON text per pair: every term with both values and its weight, the sum, the runner-up and the reason."""
    terms = [_term("name", "similarity"), *(_term(term) for term in _BITS)]
    known = pl.concat_list(terms).list.filter(pl.element().struct.field("weight").is_not_null())
    reason = (
        pl.when("is_automatic")
        .then(pl.lit("names alike, confirmed by tax number or domain, no second candidate"))
        .when(pl.col("runner_up") >= REVIEW)
        .then(pl.lit("more than one candidate: a person decides"))
        .when(pl.col("score") >= AUTOMATIC)
        .then(pl.lit("alike, but not confirmed by tax number or domain"))
        .otherwise(pl.lit("alike"))
    )
    named = [name for name in ("runner_up_record", "runner_up_name") if name in pairs.columns]
    answer = pl.struct(known.alias("terms"), "bits", "score", "runner_up", *named, reason.alias("reason"))
    return pairs.select(explanation=answer.struct.json_encode()).to_series()


def _prepared(frame: pl.DataFrame) -> pl.DataFrame:
    """Keys and normalised values; a column a list lacks is empty."""
    missing = [pl.lit(None).alias(name) for name in _BITS if name not in frame.columns]
    frame = frame.with_columns(missing).with_columns(pl.col("name", *_BITS).cast(pl.String))
    folded = {name: pl.col(name).str.to_lowercase().str.strip_chars() for name in _BITS}
    folded["tax_id"] = folded["tax_id"].str.replace_all(r"[^\p{L}\p{N}]", "")
    folded["postal_code"] = folded["postal_code"].str.replace_all(r"[^\p{L}\p{N}]", "")
    folded["city"] = company_names.clean(pl.col("city"))
    folded["domain"] = folded["domain"].str.replace(r"^(?:https?://)?(?:www\.)?", "").str.replace(r"[/?#].*$", "")
    plain = frame.select("key", "name", clean=company_names.clean(pl.col("name")).fill_null(""), **folded).with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in _BITS
    )
    return plain.with_columns(
        pl.when(pl.len().over(name) <= SHARED_BY).then(pl.col(name)).alias(name) for name in _IDENTIFYING
    )


def _sharing(term: str, left: pl.DataFrame, right: pl.DataFrame, *, itself: bool) -> pl.DataFrame:
    """Pairs with an equal value of an identifying term."""
    pairs = left.select(pl.col("key").alias("left_key"), term).join(
        right.select(pl.col("key").alias("right_key"), term), on=term
    )
    return pairs.filter(pl.col("left_key") < pl.col("right_key") if itself else pl.lit(True)).drop(term)


def _weighed(pairs: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Each pair with the values and bits of every term, their sum and the score it means."""
    values = ("name", *_BITS)
    frame = pairs
    for side, records in (("left", left), ("right", right)):
        renamed = records.select(pl.col("key").alias(f"{side}_key"), *(pl.col(v).alias(f"{side}_{v}") for v in values))
        frame = frame.join(renamed, on=f"{side}_key")
    bits = [
        pl.when(pl.col(f"left_{term}") == pl.col(f"right_{term}"))
        .then(equal)
        .when(pl.col(f"left_{term}") != pl.col(f"right_{term}"))
        .then(different)
        .alias(f"{term}_bits")
        for term, (equal, different) in _BITS.items()
    ]
    frame = frame.with_columns(_name_bits().round(3).alias("name_bits"), *bits)
    total = pl.sum_horizontal("name_bits", *(f"{term}_bits" for term in _BITS)).round(3)
    return frame.with_columns(bits=total).with_columns(score=(1 / (1 + 2 ** -pl.col("bits"))).round(6))


def _name_bits() -> pl.Expr:
    """The bits of a likeness, by straight lines between the points of `_NAME_BITS`."""
    like = pl.col("similarity")
    chain: Any = pl.when(like <= 0).then(_NAME_BITS[0][1])
    for (x0, y0), (x1, y1) in pairwise(_NAME_BITS):
        chain = chain.when(like <= x1).then(y0 + (like - x0) * ((y1 - y0) / (x1 - x0)))
    last: pl.Expr = chain.otherwise(_NAME_BITS[-1][1])
    return last


def _term(name: str, similarity: str | None = None) -> pl.Expr:
    return pl.struct(
        term=pl.lit(name),
        left=pl.col(f"left_{name}"),
        right=pl.col(f"right_{name}"),
        similarity=pl.col(similarity) if similarity else pl.lit(None, dtype=pl.Float64),
        weight=pl.col(f"{name}_bits"),
    )
