"""Verify exported decisions with nothing but Python: python verify_decisions.py FILE [SEQ:HASH]."""

import hashlib
import json
import pathlib
import sys

HASHED = ("seq", "decision_id", "decided_at", "kind", "subject", "actor", "role", "reason")
HASHED += ("payload", "idempotency_key")


def first_fault(lines: list[str], anchor: str = "") -> str:
    """Return the first decision at fault and why, or an empty text."""
    before, hashes = "0" * 64, {}
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            kept = {name: row[name] for name in HASHED}
            text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            value = hashlib.sha256((before + text).encode()).hexdigest()
            if (row["seq"], row["prev_hash"], row["hash"]) != (number, before, value):
                return f"decision {number} was changed, removed or put in"
        except (ValueError, KeyError, TypeError):
            return f"decision {number} cannot be read"
        before = hashes[str(number)] = value
    seq, _, wanted = anchor.partition(":")
    return f"decision {seq} is not the one of the anchor" if hashes.get(seq, "") != wanted else ""


if __name__ == "__main__":
    lines = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    found = first_fault([line for line in lines if line], "".join(sys.argv[2:3]))
    print(found or "all decisions are as they were taken")
    sys.exit(bool(found))
