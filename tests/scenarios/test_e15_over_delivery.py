"""E15: 103 are delivered for 100 ordered."""

import pytest


def given(world):
    for over in (2, 3, 5):
        contract = f"E15-K{over}"
        world.row("crm.contract", contract_id=contract, version=1, customer_id=f"C-E15-{over}")
        world.row(
            "crm.contract_sla_term",
            contract_id=contract,
            term_no=1,
            element="OTIF",
            basis="FIRST",
            qty_tolerance_over_pct=over,
            valid_from="2025-01-01",
        )
        world.order(f"E15-{over}", contract_id=contract)
        world.line(f"E15-{over}", qty=100)
        world.ship(f"E15-S{over}", f"E15-{over}", qty=103)


@pytest.mark.parametrize(("over", "in_full"), [(2, False), (3, True), (5, True)])
def test_three_percent_too_much_is_judged_by_the_contract(service, over, in_full):
    line = service(f"E15-{over}")
    assert line["is_in_full_first"] is in_full
    assert line["is_otif_first"] is in_full
    assert line["is_on_time_first"] is True
