"""How good the forecasts were, one metric per measure. None of them has a value while no system keeps a forecast."""

from __future__ import annotations

from contracts.metric import Aim, Metric, Unit
from contracts.ownership import Queue

_MEASURES = {
    "backlog": "of the backlog at a month's end",
    "utilisation": "of utilisation in a month",
    "margin": "of the margin in a month",
    "bookings": "of net bookings in a month",
    "billings": "of billings in a month",
    "revenue": "of recognised revenue in a month",
}

METRICS = tuple(
    Metric(
        f"forecast_accuracy_{measure}",
        f"Forecast accuracy, {measure}",
        f"How near the forecast {what} came to what happened.",
        "1 - abs(actual - forecast) / abs(actual), per horizon; undefined where the actual is 0",
        Unit.RATIO,
        Queue.FINANCE_OPERATIONS,
        "Management measure; no standard defines it",
        Aim.HIGHER,
        keys=("legal_entity", "currency", "period", "role"),
        not_held="no system keeps what was forecast before the month: plans are overwritten",
        variants=tuple(f"forecast_accuracy_{other}" for other in _MEASURES if other != measure),
    )
    for measure, what in _MEASURES.items()
)
