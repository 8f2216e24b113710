"""A small company written down row by row, for scenarios that go through the whole pipeline.

A scenario says only what it is about; every other required column gets a plain value from the
feed's contract. All scenarios share one home and one build, so their order, customer and site
numbers must differ: start them with the scenario's name.
"""

import csv
import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from dagster_project.ingestion import load_contracts

Row = dict[str, Any]

AS_OF = "2025-06-30"
EXTRACTED_AT = "2025-07-01T04:00:00Z"
LATER = {
    "next day": {"window_from": EXTRACTED_AT, "window_to": "2025-07-02T04:00:00Z"},
    "day after": {"window_from": "2025-07-02T04:00:00Z", "window_to": "2025-07-03T04:00:00Z"},
}
"""Deltas that follow the full extract, by name; each is extracted when its window ends."""
TYPICAL = {
    "varchar": "x",
    "boolean": False,
    "date": "2025-01-01",
    "timestamp": "2025-03-03T09:00:00Z",
}
SPECIAL = {
    ("erp", "customer", "account_group"): "SOLD_TO",
    ("erp", "customer", "currency"): "EUR",
    ("erp", "site", "tz_name"): "Europe/Berlin",
    ("erp", "site", "site_type"): "CUSTOMER",
    ("erp", "product", "base_uom"): "EA",
    ("erp", "sales_order", "order_type"): "STANDARD",
    ("erp", "sales_order", "currency"): "EUR",
    ("erp", "invoice", "currency"): "EUR",
    ("erp", "invoice", "company_code"): "1000",
}


class World:
    """Rows of all feeds, added by scenarios and written as one batch per feed."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.later_rows: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        self._known: set[tuple[str, str]] = set()

    def row(self, feed: str, **values: Any) -> None:
        """Add a row of ``system.feed``; required columns that are not given are filled."""
        system, name = feed.split(".")
        self.rows[system, name].append(self._full_row(system, name, values))

    def later(self, batch: str, feed: str, op: str = "U", **values: Any) -> None:
        """Add a row to a delta of ``LATER``; ``op`` is I, U or D."""
        system, name = feed.split(".")
        row = self._full_row(system, name, values)
        self.later_rows[batch, system, name].append(row | {"_op": op})

    def _full_row(self, system: str, name: str, values: Row) -> Row:
        contract = load_contracts()[system, name]
        unknown = set(values) - set(contract.column_names)
        assert not unknown, f"{system}.{name} has no column {', '.join(sorted(unknown))}"
        full: Row = {}
        for column in contract.columns:
            if column.name in values:
                full[column.name] = values[column.name]
            elif column.nullable:
                full[column.name] = None
            elif column.accepted:
                full[column.name] = SPECIAL.get((system, name, column.name), column.accepted[0])
            else:
                plain = TYPICAL.get(column.data_type, 1)
                full[column.name] = SPECIAL.get((system, name, column.name), plain)
        return full

    def customer(self, customer_id: str, **values: Any) -> None:
        self._once("erp.customer", customer_id=customer_id, **values)

    def site(self, site_id: str, tz_name: str = "Europe/Berlin", **values: Any) -> None:
        self._once("erp.site", site_id=site_id, tz_name=tz_name, **values)

    def product(self, product_id: str, **values: Any) -> None:
        self._once("erp.product", product_id=product_id, **values)

    def order(
        self, order_id: str, partial: bool = True, ship_to: str | None = None, **values: Any
    ) -> None:
        """Add an order header; its customer is ``C-<order_id>`` unless given."""
        customer = values.setdefault("sold_to_customer_id", f"C-{order_id}")
        site = ship_to or f"ST-{order_id}"
        self.customer(customer)
        self.site(site)
        self.row(
            "erp.sales_order",
            order_id=order_id,
            revision=values.pop("revision", 1),
            ship_to_site_id=site,
            is_partial_allowed=partial,
            ordered_at=values.pop("ordered_at", "2025-03-03T09:00:00Z"),
            **values,
        )

    def line(
        self, order_id: str, qty: Any = 100, due: str | None = "2025-03-10T15:00:00Z", **values: Any
    ) -> None:
        """Add a revision of an order line, due on one date on every basis unless told otherwise."""
        product = values.setdefault("product_id", "P-ANY")
        self.product(product)
        row: Row = {
            "order_id": order_id,
            "line_no": 1,
            "schedule_no": 1,
            "revision": 1,
            "ordered_qty": qty,
            "uom": "EA",
            "net_price": 10,
            "requested_at": due,
            "first_confirmed_at": due,
            "first_confirmed_qty": qty,
            "confirmed_at": due,
            "confirmed_qty": qty,
        }
        self.row("erp.sales_order_line", **(row | values))

    def ship(
        self,
        shipment_id: str,
        order_id: str,
        qty: Any = 100,
        delivered: str | None = "2025-03-10T10:00:00Z",
        departed: str = "2025-03-08T09:00:00Z",
        **line: Any,
    ) -> None:
        """Add a shipment with one line, and its DELIVERED report unless there is none."""
        product = line.setdefault("product_id", "P-ANY")
        self.product(product)
        self.row("wms.shipment", shipment_id=shipment_id, departed_at=departed)
        row: Row = {
            "shipment_id": shipment_id,
            "line_no": 1,
            "order_id": order_id,
            "order_line_no": 1,
            "schedule_no": 1,
            "shipped_qty": qty,
            "uom": "EA",
        }
        self.row("wms.shipment_line", **(row | line))
        if delivered:
            self.event(shipment_id, "DELIVERED", delivered)

    def invoice(self, invoice_id: str, *lines: Row, **header: Any) -> None:
        """Add a document with its lines; amounts follow from the net of each line.

        A line says order, qty and net, and whatever else differs from the plain.
        """
        customer = header.pop("sold_to_customer_id", f"C-{lines[0]['order']}")
        self.row(
            "erp.invoice",
            invoice_id=invoice_id,
            sold_to_customer_id=customer,
            net_amount=sum(line["net"] for line in lines),
            **({"invoice_type": "INVOICE", "posting_date": "2025-03-31"} | header),
        )
        for number, line in enumerate(lines, start=1):
            given = dict(line)
            order, qty, net = given.pop("order"), given.pop("qty"), given.pop("net")
            row: Row = {
                "line_no": number,
                "order_id": order,
                "order_line_no": 1,
                "product_id": "P-ANY",
                "invoiced_qty": qty,
                "uom": "EA",
                "gross_amount": net,
                "discount_amount": 0,
                "net_amount": net,
            }
            self.row("erp.invoice_line", invoice_id=invoice_id, **(row | given))

    def event(self, shipment_id: str, code: str, at: str, **values: Any) -> None:
        """Add a tracking event; its number follows from what it says."""
        number = len(self.rows["tms", "tracking_event"]) + 1
        self.row(
            "tms.tracking_event",
            event_id=values.pop("event_id", f"EV-{number:05d}"),
            shipment_id=shipment_id,
            code=code,
            event_at=at,
            **values,
        )

    def write(self, root: Path, batch: str = "all", **manifest: Any) -> None:
        """Write one batch per feed below ``root`` in the form of the landing folder."""
        for (system, feed), rows in self.rows.items():
            write_batch(root, system, feed, f"{system}-{feed}-{batch}", rows, **manifest)
        for (later, system, feed), rows in self.later_rows.items():
            window = LATER[later]
            write_batch(
                root,
                system,
                feed,
                f"{system}-{feed}-{later.replace(' ', '-')}",
                rows,
                mode="DELTA",
                extracted_at=window["window_to"],
                **window,
            )

    def _once(self, feed: str, **values: Any) -> None:
        key = (feed, next(iter(values.values())))
        if key not in self._known:
            self._known.add(key)
            self.row(feed, **values)


def write_batch(
    root: Path, system: str, feed: str, batch_id: str, rows: list[Row], **manifest: Any
) -> None:
    """Write rows as one CSV batch with its manifest."""
    folder = root / system / feed / batch_id
    folder.mkdir(parents=True)
    path = folder / f"{feed}.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: _text(v) for k, v in row.items()} for row in rows)
    entry = {
        "name": path.name,
        "row_count": len(rows),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    document = {
        "batch_id": batch_id,
        "system": system,
        "feed": feed,
        "schema_version": "1",
        "mode": "FULL",
        "window_from": None,
        "window_to": None,
        "extracted_at": EXTRACTED_AT,
        "files": [entry],
        "row_count": len(rows),
        "control_totals": {},
        "format": "csv",
    }
    (folder / "manifest.json").write_text(json.dumps(document | manifest))


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
