"""The customers of the firm in Salesforce: accounts with their groups, merges and deletions, and their contacts.

Account number `c` (0, 1, 2, ...) is a stable key. The first `buyers(firm)` of them may have agreements, the largest
first; then come former customers and prospects. A subsidiary keeps the two words of its parent and has a trade of its
own. A merged account is deleted and names the account that survived.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingest.sandbox.firm import Firm
from ingest.sandbox.frames import choose, moments, typed
from ingest.sandbox.names import CITIES, SUFFIXES, TRADES, company_words, people, trade_of
from ingest.sandbox.salesforce_ids import salesforce_ids
from ingest.sandbox.salesforce_schema import SCHEMAS
from ingest.sandbox.world import draw

__all__ = ["accounts", "buyers", "contacts", "entity_of"]

_INDUSTRIES = {"Manufacturing": 0.22, "Financial Services": 0.18, "Healthcare": 0.15, "Retail": 0.12, "Energy": 0.1,
               "Technology": 0.13, "Government": 0.1}  # fmt: skip
_TITLES = {"Chief Information Officer": 0.1, "Procurement Manager": 0.25, "Program Director": 0.25,
           "Accounts Payable Manager": 0.2, "Head of Operations": 0.2}  # fmt: skip
_STREETS = ("Main Street", "Market Street", "Station Road", "Mill Lane", "Harbour Way", "Park Avenue", "King Street",
            "Linden Road", "Canal Street", "Church Road", "Orchard Lane", "Victoria Road")  # fmt: skip


def buyers(firm: Firm) -> int:
    """How many customers may have agreements within the history."""
    return round(firm.count("active customers") * 1.5)


def entity_of(firm: Firm, keys: np.ndarray) -> np.ndarray:
    """The legal entity (a number) that usually contracts with a customer, spread evenly over ranks of size."""
    weights = np.cumsum([entity.weight for entity in firm.entities])
    place = (keys * 0.6180339887498949 + 0.37) % 1.0
    return np.minimum(np.searchsorted(weights, place, side="right"), len(weights) - 1)


def accounts(firm: Firm) -> pl.DataFrame:
    """Salesforce ``Account``, typed, one row a customer, prospect, merged or deleted record."""
    seed, total, buying = firm.seed, round(firm.count("customers")), buyers(firm)
    merged = max(2, total // 100)
    keys = np.arange(total + merged, dtype=np.int64)

    def u(salt: str) -> np.ndarray:
        return draw(keys, f"account/{salt}", seed)

    loser = keys >= total
    master = (draw(keys, "account/master", seed) * buying).astype(np.int64)
    child = (u("child") < 0.08) & (keys > 9) & ~loser
    parent = (u("parent") * np.minimum(keys, buying) * 0.5).astype(np.int64)
    parent_is_child = child[parent]
    child &= ~parent_is_child
    name_key = np.where(loser, master, keys)
    words = company_words(np.where(child, parent, np.where(loser & child[master], parent[master], name_key)))
    trade = np.where(child, _trade_of_child(parent, child), trade_of(name_key))
    country = np.array([e.country for e in firm.entities])[entity_of(firm, np.where(loser, master, keys))]
    suffix = _pick(country, SUFFIXES, u("suffix"), ("Inc.",))
    city = _pick(country, CITIES, u("city"), (("New York", "NY"),))
    name = words + " " + trade + np.where(loser, " Group", "") + " " + suffix
    host = np.char.lower(np.char.replace((words + trade).astype(str), " ", ""))
    former = (keys >= buying) & (u("former") < 0.4)
    kind = np.where(keys < buying, "Customer - Direct", np.where(former, "Customer - Direct", "Prospect"))
    deleted = loser | ((keys >= buying) & (u("deleted") < 0.006))
    created = np.datetime64(firm.start_on, "D") - 90 - (u("created") ** 2 * 2_000).astype(np.int64)
    created = np.where(
        (keys >= buying) & (u("late") < 0.25),
        np.datetime64(firm.start_on, "D") + (u("created") * (firm.months * 30)).astype(np.int64),
        created,
    )
    changed = np.maximum(created.astype("datetime64[D]") + (u("changed") * 300).astype(np.int64), created)
    changed = np.minimum(changed.astype("datetime64[D]"), np.datetime64(firm.as_of, "D") - 1)
    ids = salesforce_ids("001", keys)
    frame = pl.DataFrame(
        {
            "Id": ids, "Name": name.tolist(), "AccountNumber": [f"CC{n:06d}" for n in (keys + 100_211).tolist()],
            "Type": kind, "Industry": choose(u("industry"), _INDUSTRIES).astype(str),
            "BillingStreet": ((u("number") * 900).astype(np.int64) + 1).astype(str).astype(object)
            + " " + np.array(_STREETS, dtype=object)[(u("street") * len(_STREETS)).astype(np.int64)],
            "BillingCity": [pair[0] for pair in city], "BillingState": [pair[1] for pair in city],
            "BillingPostalCode": (10_000 + (u("zip") * 89_000).astype(np.int64)).astype(str), "BillingCountry": country,
            "Website": np.char.add(np.char.add("https://www.", host), ".example"),
            "OwnerId": salesforce_ids("005", (u("owner") * 12).astype(np.int64)),
            "Tax_Id__c": _tax_ids(country, keys),
            "CreatedDate": moments(created, 50_400 + u("at") * 28_000),
            "LastModifiedDate": moments(changed, 79_000 + u("at") * 7_000), "IsDeleted": deleted,
            "parent": np.where(child, parent, -1), "master": np.where(loser, master, -1),
        }
    )  # fmt: skip
    frame = frame.with_columns(
        ParentId=_link(ids, "parent"), MasterRecordId=_link(ids, "master"), SystemModstamp="LastModifiedDate"
    )
    return typed(frame, SCHEMAS["Account"])


def contacts(firm: Firm, account: pl.DataFrame) -> pl.DataFrame:
    """Salesforce ``Contact``: one per live account, more for the larger ones."""
    keys = np.arange(round(firm.count("contacts")), dtype=np.int64)
    live = account.filter(~pl.col("IsDeleted")).select("Id", "Website", "CreatedDate")
    of = np.where(keys < live.height, keys % live.height, (draw(keys, "contact/of", firm.seed) ** 2 * live.height))
    frame = live[of.astype(np.int64)].rename({"Id": "AccountId"})
    frame = pl.concat([frame, people(keys, "contact", firm.seed)], how="horizontal").with_columns(
        Id=salesforce_ids("003", keys), key=pl.Series(keys),
        Title=pl.Series(choose(draw(keys, "contact/title", firm.seed), _TITLES).astype(str)),
        IsDeleted=pl.Series(draw(keys, "contact/deleted", firm.seed) < 0.005),
        FirstName="given", LastName="family", SystemModstamp="CreatedDate", LastModifiedDate="CreatedDate",
    ).with_columns(
        Email=pl.concat_str(
            pl.col("given").str.to_lowercase(), pl.lit("."), pl.col("family").str.to_lowercase(), pl.col("key"),
            pl.lit("@"), pl.col("Website").str.strip_prefix("https://www."),
        )
    )  # fmt: skip
    return typed(frame, SCHEMAS["Contact"])


def _trade_of_child(parent: np.ndarray, child: np.ndarray) -> np.ndarray:
    """The trades after the parent's own, one after another, so that no two companies of a group share a name."""
    frame = pl.DataFrame({"parent": np.where(child, parent, -1)})
    nth = frame.select(pl.int_range(1, pl.len() + 1).over("parent")).to_series().to_numpy()
    own = {name: index for index, name in enumerate(TRADES)}
    start = np.array([own[name] for name in trade_of(parent)])
    return np.array(TRADES, dtype=object)[(start + nth) % len(TRADES)]


def _link(ids: pl.Series, column: str) -> pl.Expr:
    """The id a row number points at; -1 points at nothing."""
    return pl.when(pl.col(column) >= 0).then(pl.lit(ids).gather(pl.col(column).clip(lower_bound=0)))


def _pick(country: np.ndarray, table: dict[str, tuple], uniform: np.ndarray, default: tuple) -> np.ndarray:
    """One of the entries of the country's list per row."""
    out = np.empty(len(country), dtype=object)
    for code in np.unique(country):
        rows = np.flatnonzero(country == code)
        options = table.get(str(code), default)
        filled = np.empty(len(options), dtype=object)
        filled[:] = options
        out[rows] = filled[(uniform[rows] * len(options)).astype(np.int64)]
    return out


def _tax_ids(country: np.ndarray, keys: np.ndarray) -> pl.Series:
    """A tax number per account, unique: ``12-3456789`` in the United States, country code and digits elsewhere."""
    number = (keys * 7_368_787 + 123_456_789) % 900_000_000 + 100_000_000
    frame = pl.DataFrame({"country": country, "number": pl.Series(number).cast(pl.String)})
    digits = pl.col("number")
    american = pl.concat_str(digits.str.slice(0, 2), pl.lit("-"), digits.str.slice(2))
    return frame.select(
        pl.when(pl.col("country") == "US").then(american).otherwise(pl.col("country") + digits)
    ).to_series()
