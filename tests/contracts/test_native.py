from __future__ import annotations

import pytest

from contracts.native import with_results


def test_the_answer_of_an_earlier_call_is_filled_in_wherever_it_is_named() -> None:
    body = {"ERP_Customer_Id__c": "${result.1}", "lines": [{"ref": "KAN-${result.2}"}], "count": 3, "none": None}

    filled = with_results(body, {1: "715", 2: "9"})

    assert filled == {"ERP_Customer_Id__c": "715", "lines": [{"ref": "KAN-9"}], "count": 3, "none": None}


def test_a_call_whose_predecessor_gave_no_record_does_not_go_out() -> None:
    with pytest.raises(LookupError, match="call 1"):
        with_results({"id": "${result.1}"}, {1: None})
