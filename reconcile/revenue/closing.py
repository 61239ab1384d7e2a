"""The period end of one agreement: rows of recognition and positions, read from its state."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from reconcile.revenue.agreement import Agreement
from reconcile.revenue.evidence import QUANTITY, counted
from reconcile.revenue.held_back import held_back
from reconcile.revenue.methods import Method
from reconcile.revenue.months import MONTH
from reconcile.revenue.onerous import provide
from reconcile.revenue.policy import Exemption
from reconcile.revenue.presentation import balances
from reconcile.revenue.promise import Promise
from reconcile.revenue.remaining import contract_part, price_part, reestimated, remaining
from reconcile.revenue.rounding import decimal_of, quantity_decimal
from reconcile.revenue.rows import Position, Recognition

__all__ = ["close", "exemption", "policy_of", "progress"]


def close(agreement: Agreement, *, shown: bool) -> tuple[list[Recognition], Position | None]:
    """Ends the month: what each obligation has earned, and the balances; `shown` False gives no rows."""
    month, ledger = agreement.month, agreement.ledger
    ledger.settle(month.after)
    _open_layers(agreement)
    earned = _earned(agreement)
    if any(promise.expected_cost for promise in agreement.promises.values()):
        provide(agreement.promises.values(), month.after, agreement.policy, agreement.first.currency)
    rows = []
    for key, promise in agreement.promises.items():
        if key not in earned:
            continue
        period = earned[key] - promise.cumulative
        promise.cumulative = earned[key]
        if shown:
            rows.append(_recognition(agreement, promise, period))
        promise.catch_up = promise.prior = 0
    is_whole = not agreement.is_suspended and len(earned) == len(agreement.promises)
    position = _position(agreement) if is_whole else None
    return rows, position if shown else None


def _open_layers(agreement: Agreement) -> None:
    """Advances, and what this month's invoices bill beyond revenue recognised before, are layers at their own rates."""
    ledger, rates = agreement.ledger, agreement.rates
    if not (ledger.newly_advanced or ledger.newly_billed):
        return
    for time_only in (False, True):
        new, billed = (
            [(amount, rate) for promise, amount, rate in found if _waits_for_time(promise) is time_only]
            for found in (ledger.newly_advanced, ledger.newly_billed)
        )
        if billed and rates.functional:
            so_far, recognised = _totals(agreement, time_only=time_only)
            settled = recognised - so_far + sum(amount for amount, _ in (*new, *billed))
            for amount, rate in billed:
                new.append((amount - min(amount, max(0, settled)), rate))
                settled -= amount
        rates.advance(new, agreement.month.after, time_only=time_only)
    ledger.newly_billed.clear()


def _waits_for_time(promise: Promise | None) -> bool:
    return promise is not None and promise.method.right_to_invoice


def _totals(agreement: Agreement, *, time_only: bool) -> tuple[int, int]:
    """Billed and recognised so far for obligations that wait for nothing but time, or for all others."""
    own = [promise for promise in agreement.promises.values() if _waits_for_time(promise) is time_only]
    unkeyed = 0 if time_only else agreement.ledger.unkeyed
    return unkeyed + sum(promise.billed for promise in own), sum(promise.cumulative for promise in own)


def _earned(agreement: Agreement) -> dict[str, int]:
    """Revenue to date of every obligation; a cap of the whole agreement limits its charged work, in order of key."""
    after = agreement.month.after
    earned = {
        key: promise.earned(after)
        for key, promise in agreement.promises.items()
        if not promise.is_suspended and _is_measurable(agreement, promise, after)
    }
    if agreement.cap is not None:
        _limit(agreement, earned)
    return earned


def _limit(agreement: Agreement, earned: dict[str, int]) -> None:
    """Charged work counts as it comes until the cap of the agreement; corrections make room again."""
    open_ones = (agreement.promises[key] for key in sorted(earned) if not agreement.promises[key].is_terminated)
    charged = [promise for promise in open_ones if promise.method.name == "as_charged"]
    value = {
        promise.key: earned[promise.key] + promise.given_back - promise.adjusted - promise.settled
        for promise in charged
    }
    for promise in charged:
        promise.counted = min(promise.counted, value[promise.key])
    room = agreement.room or 0
    for promise in charged:
        more = max(0, min(value[promise.key] - promise.counted, room))
        promise.counted += more
        room -= more
        earned[promise.key] += promise.counted - value[promise.key]


def _is_measurable(agreement: Agreement, promise: Promise, after: int) -> bool:
    """Progress that cannot be: nothing planned for what was done (waits for a plan), or more done than there is."""
    if promise.method.axis != "quantity" or promise.is_terminated or promise.is_finished(after):
        return True
    total = promise.end
    _warn_of_end(agreement, promise, after)
    if _lacks_its_measure(promise):
        agreement.report(
            agreement.first, promise.key, "no_measure",
            f"{promise.key} is measured by {_MEASURES[promise.method.name]}, and hours are all that is known of it",
            "Measure it by hours (fixed_fee of its book), or land the evidence it is measured by.",
            promise.price,
        )  # fmt: skip
        return False
    if promise.done > 0 and total == 0:
        agreement.report(
            agreement.first, promise.key, "no_plan", f"Work on {promise.key} and nothing planned to measure it against",
            "Enter planned hours, units or expected cost.",
        )  # fmt: skip
        return False
    if promise.done > total:
        agreement.report(
            agreement.first, promise.key, "progress_over_100",
            f"{promise.key}: {_text(promise.done)} done of {_text(total)} expected; revenue stops at the price",
            "Raise the estimate at completion, amend the agreement, or close the work.",
        )  # fmt: skip
    return True


def _warn_of_end(agreement: Agreement, promise: Promise, after: int) -> None:
    """An end that passed is no completion: what is unfinished is earned as it is done, and somebody must look."""
    ended = promise.end_on is not None and promise.end_on.toordinal() < agreement.month.first
    if not (ended and promise.method.ends_with_service and promise.price and promise.done < max(promise.end, 1)):
        return
    open_amount = promise.price - promise.earned(after)
    if promise.done <= 0:
        agreement.report(
            agreement.first, promise.key, "ended_without_work",
            f"{promise.key}: the service ended on {promise.end_on} without approved work; nothing is recognised",
            "Approve its time, record its completion, or terminate the line.",
            open_amount,
        )  # fmt: skip
    else:
        agreement.report(
            agreement.first, promise.key, "ended_unfinished",
            f"{promise.key}: the service ended on {promise.end_on} at {promise.done * 100 // promise.end} %, "
            "and nothing says that it is complete; the rest is not recognised",
            "Complete its tasks if the work is done, extend the line, or terminate it.",
            open_amount,
        )  # fmt: skip


#: Measures of progress that hours say nothing about.
_MEASURES: Mapping[str, str] = {"cost": "cost incurred", "milestone": "what is accepted"}


def _lacks_its_measure(promise: Promise) -> bool:
    """Work, and nothing of what progress is measured by; a line that names milestones itself waits for acceptance."""
    waits = promise.method.name == "milestone" and not promise.is_by_policy
    has_none = promise.done <= 0 and not promise.spent
    return promise.worked > 0 and has_none and promise.method.name in _MEASURES and not waits


def _text(quantity: int) -> str:
    return f"{quantity_decimal(quantity).normalize():f}"


def progress(promise: Promise, after: int) -> tuple[Decimal, Decimal]:
    """Done and total on the obligation's axis: hours, units, weight or cost; days or months of its term."""
    axis = promise.method.axis
    if axis == "cost":
        return decimal_of(promise.spent), decimal_of(promise.price)
    if axis == "charged":
        return quantity_decimal(promise.done), quantity_decimal(promise.planned)
    end = (promise.ended or promise).end
    if axis not in ("days", "months") or not promise.layers:
        return quantity_decimal(promise.done), quantity_decimal(end)
    start = min(layer.start for layer in promise.layers)
    done = min(max(promise.axis(after) - start, 0), end - start)
    if axis == "days":
        return Decimal(done), Decimal(end - start)
    return _months(done), _months(end - start)


def _months(steps: int) -> Decimal:
    return quantity_decimal((2 * steps * QUANTITY + MONTH) // (2 * MONTH))


def policy_of(agreement: Agreement, method: Method) -> str:
    """The choices of the book that shaped a row."""
    policy = agreement.policy
    own = f"; completion={policy.over_time_completion}" if method.ends_with_service else ""
    return f"{policy.name}: {policy.standard}, ssp={policy.ssp}{own}"


def _recognition(agreement: Agreement, promise: Promise, period: int) -> Recognition:
    first, month, rates = agreement.first, agreement.month, agreement.rates
    done, total = progress(promise, month.after)
    functional = None
    if rates.functional:
        functional = rates.functional_amount(period, month.after, time_only=promise.method.right_to_invoice)
    return Recognition(
        first.agreement_id, first.book, first.legal_entity_id, first.customer_id, first.currency, promise.key,
        month.period, promise.method.name, decimal_of(price_part(promise)), done, total,
        decimal_of(promise.cumulative), decimal_of(period), decimal_of(promise.catch_up), decimal_of(promise.prior),
        decimal_of(promise.provision), promise.rule, policy_of(agreement, promise.method),
        _evidence(agreement, promise.key), None if functional is None else decimal_of(functional),
        rates.functional or None,
    )  # fmt: skip


def _evidence(agreement: Agreement, key: str) -> str:
    """How many rows of each kind lead here: those of the obligation and of the whole agreement, up to the period."""
    own, whole = agreement.counts.get(key, {}), agreement.counts.get(None, {})
    rows = dict(whole)
    for kind, number in own.items():
        rows[kind] = rows.get(kind, 0) + number
    return counted(rows)


def _position(agreement: Agreement) -> Position:
    first, month, ledger = agreement.first, agreement.month, agreement.ledger
    promises = agreement.promises.values()
    held = balances(
        promises,
        billed=ledger.billed,
        unkeyed=ledger.unkeyed,
        is_terminated=agreement.is_terminated,
        step=agreement.step,
    )
    is_of_charges = any(promise.is_charged_less for promise in promises)
    for time_only in (False, True) if agreement.rates.functional else ():
        billed, recognised = _totals(agreement, time_only=time_only)
        given_back = held.refund_liability if time_only is is_of_charges else 0
        agreement.rates.close(max(0, billed - recognised - given_back), month.after, time_only=time_only)
    price = reestimate = rpo_12 = rpo_24 = rpo_later = rpo_exempt = scheduled = 0
    value = sum(agreement.contract_gross.values())
    exempted: dict[Exemption | None, int] = {}
    for promise in promises:
        kind = exemption(agreement, promise)
        rest = remaining(promise, month, is_exempt=kind is not None)
        price += price_part(promise)
        value += contract_part(promise)
        reestimate += reestimated(promise)
        rpo_12 += rest.next_12
        rpo_24 += rest.next_24
        rpo_later += rest.later
        rpo_exempt += rest.exempt
        scheduled += rest.scheduled
        exempted[kind] = exempted.get(kind, 0) + rest.exempt
    backlog = value - held.recognised
    funded = backlog
    if agreement.funded:
        funded = min(backlog, max(0, sum(agreement.funded.values()) - held.recognised))
    return Position(
        first.agreement_id, first.book, first.legal_entity_id, first.customer_id, first.currency, month.period,
        *map(
            decimal_of,
            (
                value, price, value - price, ledger.billed, held.recognised, held.unbilled_receivable,
                held.contract_asset, held.contract_liability, held.refund_liability, ledger.receivable, ledger.cash,
                rpo_12 + rpo_24 + rpo_later, rpo_12, rpo_24, rpo_later, rpo_exempt, backlog, funded,
                min(scheduled, backlog), reestimate, *held_back(agreement), exempted.get("right_to_invoice", 0),
                exempted.get("one_year", 0),
            ),
        ),
    )  # fmt: skip


def exemption(agreement: Agreement, promise: Promise) -> Exemption | None:
    """Why policy leaves an obligation out of what is disclosed as remaining, if it does."""
    taken = agreement.policy.rpo_exemptions
    if promise.method.right_to_invoice and not promise.is_charged_less and "right_to_invoice" in taken:
        return "right_to_invoice"
    return "one_year" if "one_year" in taken and _within_a_year(agreement) else None


def _within_a_year(agreement: Agreement) -> bool:
    """Original expected duration of one year or less (ASC 606-10-50-14(a); IFRS 15.121(a))."""
    begin = min((p.start_on for p in agreement.promises.values() if p.start_on), default=agreement.signed_on)
    if begin is None or agreement.ends_on is None:
        return False
    return agreement.ends_on.toordinal() - begin.toordinal() < 366
