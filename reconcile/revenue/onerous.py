"""Expected losses, cumulative at the end of a period.

US GAAP (605-35-25-45 to 25-47), per obligation: provision = max(0, EAC - price) x (1 - progress), so that the whole
loss shows at once; or per contract, where the policy says so, with what the others will still gain taken off.
IFRS (IAS 37.66-69), per contract: provision = max(0, least net cost of exiting - price still to be earned), where the
least net cost is the lower of the cost to complete and the penalty for not completing.
Work that is charged has a price to lose against only under a cap: the cap, of which progress is what it has earned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconcile.revenue.policy import Policy
from reconcile.revenue.promise import Promise
from reconcile.revenue.rounding import half_up, parts

__all__ = ["loss_us", "loss_us_sql", "provide"]


def loss_us(expected_cost: int, price: int, done: int, total: int, step: int) -> int:
    """Whole loss less the part that progress has already taken through revenue and cost."""
    loss = expected_cost - price
    if loss <= 0:
        return 0
    return half_up(loss * (total - done), total, step) if total else loss


def loss_us_sql(expected_cost: str, price: str, done: str, total: str, minor_unit: str = "minor_unit") -> str:
    """`loss_us` as SQL over amounts and quantities in decimals, for a rule that names what would be provided."""
    loss = f"cast(({expected_cost} - {price}) * 10000 as hugeint)"
    left, whole = (
        f"cast(cast({size} as decimal(28,8)) * 100000000 as hugeint)"
        for size in (f"greatest({total} - {done}, 0)", total)
    )
    unit = f"({whole} * cast({minor_unit} * 10000 as hugeint))"
    rounded = f"cast((2 * {loss} * {left} + {unit}) // (2 * {unit}) as decimal(18,0)) * {minor_unit}"
    return (
        f"case when not {expected_cost} > {price} then 0 when {total} = 0 then {expected_cost} - {price} "
        f"else {rounded} end"
    )


def provide(promises: Iterable[Promise], ordinal: int, policy: Policy, currency: str) -> None:
    """Sets the provision of every obligation that says what it is expected to cost."""
    costed = [promise for promise in promises if promise.expected_cost and not _is_open_ended(promise)]
    if policy.losses == "ifrs" or policy.loss_unit == "contract":
        _provide_contract(costed, ordinal, currency, may_leave=policy.losses == "ifrs")
        return
    for promise in costed:
        if promise.is_finished(ordinal) or promise.is_terminated:
            promise.provision = 0
        else:
            done, total = _progress(promise, ordinal)
            promise.provision = loss_us(promise.expected_cost, _price(promise), done, total, promise.step)


def _is_open_ended(promise: Promise) -> bool:
    """Charged without a cap: more cost is more revenue."""
    return promise.method.axis == "charged" and promise.cap is None


def _price(promise: Promise) -> int:
    """What can be earned at most: the cap of charged work, the price of all else."""
    return promise.cap if promise.method.axis == "charged" and promise.cap is not None else promise.price


def _progress(promise: Promise, ordinal: int) -> tuple[int, int]:
    if promise.method.axis == "charged":
        return max(0, promise.within_cap(promise.charged)), _price(promise)
    start = min(layer.start for layer in promise.layers) if promise.layers else 0
    end = promise.end
    if promise.method.axis == "quantity":
        start = 0
    return min(max(promise.axis(ordinal) - start, 0), end - start), end - start


def _provide_contract(costed: Sequence[Promise], ordinal: int, currency: str, *, may_leave: bool) -> None:
    losses = [_unavoidable(promise, ordinal, may_leave=may_leave) for promise in costed]
    provision = max(0, sum(losses))
    weights = [max(0, loss) for loss in losses]
    shares = parts(provision, weights, currency) if provision else [0] * len(costed)
    for promise, share in zip(costed, shares, strict=True):
        promise.provision = share


def _unavoidable(promise: Promise, ordinal: int, *, may_leave: bool) -> int:
    """The least net cost of exiting less the price still to be earned: a loss when positive."""
    if promise.is_finished(ordinal) or promise.is_terminated:
        return 0
    to_complete = max(0, promise.expected_cost - promise.spent)
    penalty = promise.exit_penalty if may_leave else None
    least = to_complete if penalty is None else min(to_complete, penalty)
    return least - (_price(promise) - promise.earned(ordinal))
