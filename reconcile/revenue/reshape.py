"""What an amendment does to the layers of one obligation: catch up, go on differently, or add a layer of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from reconcile.revenue.evidence import Event
from reconcile.revenue.months import day_position, month_position
from reconcile.revenue.promise import Layer, Promise
from reconcile.revenue.rounding import half_up
from reconcile.revenue.signing import planned

__all__ = ["CHANGES", "cut", "lay"]


def _catch_up(promise: Promise, event: Event, delta: int, ordinal: int) -> None:
    """adj = TP' x progress' - R: the layer takes the new price and the new size (ASC 606-10-25-13(b))."""
    del ordinal
    layer = promise.layers[0]
    layer.price += delta
    if promise.method.axis in ("days", "months"):
        end_on = event.day("end_on")
        layer.size = _position(promise, end_on.toordinal() + 1) - layer.start if end_on else layer.size
    else:
        layer.size = max(0, layer.size + planned(event, promise))


def _separate(promise: Promise, event: Event, delta: int, ordinal: int) -> None:
    """More of the same at its own price: a layer after what was promised before (ASC 606-10-25-12)."""
    del ordinal
    start, end_on = promise.end, event.day("end_on")
    size = planned(event, promise)
    if _is_timed(promise):
        size = _position(promise, end_on.toordinal() + 1) - start if end_on else 0
    if size > 0:
        promise.layers.append(Layer(delta, start, size))
    else:
        promise.settled += delta


def _prospective(promise: Promise, event: Event, delta: int, ordinal: int) -> None:
    """pool = unrecognised price + addition, over what remains (ASC 606-10-25-13(a))."""
    begins = max(event.happened_on, event.day("start_on") or event.happened_on)
    unrecognised, start, size = cut(promise, begins, event.day("end_on"), ordinal)
    lay(promise, unrecognised + delta, start, size + (0 if _is_timed(promise) else planned(event, promise)))


def cut(promise: Promise, begins: date, end_on: date | None, ordinal: int) -> tuple[int, int, int]:
    """Ends the layers where an amendment takes effect; gives the price left, where it starts and how far it goes."""
    if not _is_timed(promise):
        earned = promise.earned(ordinal) - promise.settled - min(promise.uninstalled_done, promise.uninstalled_plan)
        left = sum(layer.price for layer in promise.layers) - earned
        rest = max(0, promise.end - promise.done)
        promise.settled += earned
        promise.layers = []
        return left, promise.done, rest
    at = max(_position(promise, begins.toordinal()), min(layer.start for layer in promise.layers))
    last = end_on or promise.end_on
    end = _position(promise, last.toordinal() + 1) if last else at
    kept: list[Layer] = []
    left = 0
    for layer in promise.layers:
        within = min(max(at - layer.start, 0), layer.size)
        part = half_up(layer.price * within, layer.size, promise.step) if layer.size else 0
        left += layer.price - part
        if within:
            kept.append(Layer(part, layer.start, within))
    promise.layers = kept
    return left, at, max(0, end - at)


def lay(promise: Promise, price: int, start: int, size: int) -> None:
    """The new layer comes first: later changes of the price belong to it. With nothing left to deliver it is earned."""
    if size == 0 and promise.method.axis != "resolved":
        promise.settled += price
        price = 0
    promise.layers.insert(0, Layer(price, start, size))


def _is_timed(promise: Promise) -> bool:
    return promise.method.axis in ("days", "months")


def _position(promise: Promise, ordinal: int) -> int:
    return day_position(ordinal) if promise.method.axis == "days" else month_position(ordinal)


#: Treatment -> how it changes price and progress: (obligation, line, change of price, first day of the period).
CHANGES: Mapping[str, Callable[[Promise, Event, int, int], None]] = {
    "catch_up": _catch_up,
    "separate": _separate,
    "prospective": _prospective,
}
