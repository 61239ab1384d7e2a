"""What must hold of every difference: its causes add up to it, and the records of a cause add up to the cause."""

from __future__ import annotations

__all__ = ["UNCARRIED", "UNSUMMED"]

#: Agreements and months whose causes do not add up to the difference, or leave something that no cause carries.
UNSUMMED = """
    select agreement_id, period, difference, from_amount, to_amount, amount, explained
    from revenue.differences
    left join (
        select agreement_id, book, currency, period, difference, sum(amount) as explained,
               sum(amount) filter (cause = 'unexplained') as unexplained
        from revenue.explanations group by all
    ) as summed using (agreement_id, book, currency, period, difference)
    where amount <> from_amount - to_amount or amount <> coalesce(explained, 0) or unexplained <> 0
    """
#: Causes whose records do not add up to them.
UNCARRIED = """
    select agreement_id, period, cause, amount from revenue.explanations
    where cause <> 'unexplained' and not exists (
        select 1 from (
            select agreement_id, book, currency, period, cause, sum(amount) as amount
            from revenue.explanation_records group by all
        ) as summed
        where (summed.agreement_id, summed.book, summed.currency, summed.period, summed.cause, summed.amount)
            = (explanations.agreement_id, explanations.book, explanations.currency, explanations.period,
               explanations.cause, explanations.amount))
    """
