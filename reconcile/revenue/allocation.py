"""The price over the obligations: by stand-alone selling price, in parts that add up to it exactly.

relative SSP   share = price x SSP / Σ SSP, largest remainder (ASC 606-10-32-31; IFRS 15.76)
discount       belongs to a bundle when its parts and the bundle are regularly sold alone and the bundle's discount is
               the contract's (606-10-32-37; IFRS 15.82): the others keep their SSP
residual       price less the other SSPs, for one obligation whose price is highly variable, only inside the range
               observed (606-10-32-34(c); IFRS 15.79(c)); a bundle's discount is taken off first (606-10-32-38)
later changes  follow the split at inception (606-10-32-43; IFRS 15.88); of an obligation that an amendment has pooled
               with others, they go on to that pool (606-10-32-45; IFRS 15.90)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reconcile.revenue.promise import Promise
from reconcile.revenue.rounding import decimal_of, parts

__all__ = ["NotAllocable", "Part", "Pool", "Share", "allocate"]


@dataclass(frozen=True, slots=True)
class Part:
    """An obligation in a split: its SSP (or, for the residual, its range) and the bundle it is regularly sold in."""

    key: str
    ssp: int | None
    stated: int
    low: int | None = None
    high: int | None = None
    is_residual: bool = False
    bundle: str = ""
    bundle_price: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What a part gets, and by which rule."""

    amount: int
    method: str


@dataclass(frozen=True, slots=True)
class NotAllocable:
    """Why a price cannot be split."""

    code: str
    message: str
    then: str
    keys: tuple[str, ...]


def allocate(price: int, offered: Sequence[Part], currency: str) -> list[Share] | NotAllocable:
    """Splits a price over its parts, in their order."""
    if len(offered) == 1:
        return [Share(price, "stated")]
    residual = [part for part in offered if part.is_residual and part.ssp is None]
    known = [part for part in offered if part not in residual]
    problem = _unpriced(known, residual)
    if problem is not None:
        return problem
    if residual:
        return _with_residual(price, offered, known, residual[0], currency)
    bundle = _bundle_with_the_discount(price, known)
    if bundle:
        return _shares(offered, _outside_and_inside(price, known, bundle, currency), "targeted_discount")
    return _by_ssp(price, known, currency)


def _by_ssp(price: int, known: Sequence[Part], currency: str) -> list[Share]:
    stated = [part.stated for part in known]
    weights = [part.ssp or 0 for part in known]
    amounts = parts(price, weights, currency) if sum(weights) else stated
    method = "stated" if amounts == stated else "relative_ssp"
    return [Share(amount, method) for amount in amounts]


def _unpriced(known: Sequence[Part], residual: Sequence[Part]) -> NotAllocable | None:
    keys = tuple(part.key for part in known if part.ssp is None)
    if keys:
        message = f"No stand-alone selling price for {', '.join(keys)}"
        return NotAllocable("no_ssp", message, "Record the price, its method and range; the split waits for it.", keys)
    negative = tuple(part.key for part in known if (part.ssp or 0) < 0)
    if negative:
        message = f"Negative stand-alone selling price for {', '.join(negative)}"
        return NotAllocable("negative_ssp", message, "Correct the price; a discount belongs to the price.", negative)
    if len(residual) > 1:
        keys = tuple(part.key for part in residual)
        return NotAllocable("residual_twice", "More than one obligation takes the residual", "Give one an SSP.", keys)
    return None


def _with_residual(
    price: int, offered: Sequence[Part], known: Sequence[Part], residual: Part, currency: str
) -> list[Share] | NotAllocable:
    observed = sum(part.ssp or 0 for part in known)
    bundle = _bundled(known)
    discount = sum(part.ssp or 0 for part in bundle) - (bundle[0].bundle_price or 0) if bundle else 0
    rest = price - (observed - discount)
    low, high = residual.low or 0, residual.high
    if rest <= 0 or rest < low or (high is not None and rest > high):
        return NotAllocable(
            "residual_out_of_range",
            f"The residual for {residual.key} is {decimal_of(rest):.2f}, outside the range observed for it",
            "Estimate its stand-alone selling price another way and record it.",
            (residual.key,),
        )
    amounts = {part.key: part.ssp or 0 for part in known}
    if bundle:
        amounts = _outside_and_inside(price - rest, known, bundle, currency)
    amounts[residual.key] = rest
    return _shares(offered, amounts, "targeted_discount", residual=residual.key)


def _shares(offered: Sequence[Part], amounts: dict[str, int], method: str, residual: str = "") -> list[Share]:
    return [Share(amounts[part.key], "residual" if part.key == residual else method) for part in offered]


def _bundled(known: Sequence[Part]) -> list[Part]:
    """The parts of the one bundle that is regularly sold at a price of its own; none when there is no such bundle."""
    names = {part.bundle for part in known if part.bundle and part.bundle_price is not None}
    if len(names) != 1:
        return []
    bundle = [part for part in known if part.bundle in names]
    return bundle if len(bundle) < len(known) else []


def _bundle_with_the_discount(price: int, known: Sequence[Part]) -> list[Part]:
    """The bundle whose discount is the contract's; none when the discount belongs to all."""
    bundle = _bundled(known)
    if not bundle:
        return []
    discount = sum(part.ssp or 0 for part in bundle) - (bundle[0].bundle_price or 0)
    return bundle if discount > 0 and discount == sum(part.ssp or 0 for part in known) - price else []


def _outside_and_inside(price: int, known: Sequence[Part], bundle: Sequence[Part], currency: str) -> dict[str, int]:
    amounts = {part.key: part.ssp or 0 for part in known if part not in bundle}
    inside = parts(price - sum(amounts.values()), [part.ssp or 0 for part in bundle], currency)
    return amounts | {part.key: amount for part, amount in zip(bundle, inside, strict=True)}


@dataclass(slots=True)
class Pool:
    """Obligations that share a price in proportion; a later change of the price is shared in the same proportion."""

    currency: str
    members: list[Promise]
    weights: list[int]
    total: int
    shares: list[int]
    next: dict[str, Pool] = field(default_factory=dict)

    def change(self, delta: int) -> Iterator[tuple[Promise, int]]:
        """Changes the price; yields what each obligation gets of it, through the pools that followed."""
        before = self.shares
        self.total += delta
        self.shares = parts(self.total, self.weights, self.currency) if sum(self.weights) else [self.total]
        for member, old, new in zip(self.members, before, self.shares, strict=False):
            following = self.next.get(member.key)
            if following is not None:
                yield from following.change(new - old)
            elif new != old:
                yield member, new - old
