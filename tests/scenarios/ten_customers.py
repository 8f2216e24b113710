"""Ten customers of growing size, for scenarios about scores: the last is S1, the middle S3."""

from .world import World

MONTHS = ("2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03", "2025-04", "2025-05")
DAYS = ("05", "12", "19")


def ten_customers(name: str) -> World:
    """Customers ``C-<name>-00`` to ``-09``; each orders more than the one before."""
    world = World()
    for k in range(10):
        customer = f"C-{name}-{k:02d}"
        for day in [
            f"{month}-{first}" for month in MONTHS for first in DAYS[: 1 + k // 5 + k // 9]
        ]:
            order = f"{name}-{k}-{day}"
            world.order(
                order,
                sold_to_customer_id=customer,
                ship_to=f"ST-{name}-{k}",
                ordered_at=f"{day}T09:00:00Z",
            )
            world.line(order, qty=10 * (k + 1), due=f"{day}T15:00:00Z")
            world.ship(
                f"S-{order}",
                order,
                qty=10 * (k + 1),
                departed=f"{day}T11:00:00Z",
                delivered=f"{day}T14:00:00Z",
            )
            line = {
                "order": order,
                "qty": 10 * (k + 1),
                "net": 100 * (k + 1),
                "cogs_std_amount": 60,
            }
            world.invoice(f"I-{order}", line, sold_to_customer_id=customer, posting_date=day)
    return world
