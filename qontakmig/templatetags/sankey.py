"""A Sankey diagram drawn on the server: plain SVG paths, and the same numbers as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import template

register = template.Library()

NODE_WIDTH = 7
LEAST_NODE = 2.0
LEAST_LINK = 1.6
LABEL_LINE = 22.0
MARGIN_LEFT = 126.0
MARGIN_RIGHT = 150.0


@dataclass
class Node:
    """One box. ``x``, ``y`` and ``height`` are in user units; ``value`` in records."""

    id: str
    label: str
    column: int
    kind: str
    value: float = 0
    x: float = 0
    y: float = 0
    height: float = 0
    left: float = 0
    right: float = 0
    side: str = "end"
    outgoing: list["Link"] = field(default_factory=list)
    incoming: list["Link"] = field(default_factory=list)

    @property
    def label_x(self) -> float:
        return self.x - 8 if self.side == "start" else self.x + NODE_WIDTH + 8

    @property
    def label_y(self) -> float:
        return self.y + self.height / 2 + 4


@dataclass
class Link:
    source: Node
    target: Node
    value: float
    kind: str
    thickness: float = 0
    path: str = ""


@register.inclusion_tag("components/_sankey.html")
def sankey(
    nodes: Sequence[Mapping[str, Any]],
    links: Sequence[Mapping[str, Any]],
    width: int = 560,
    height: int = 380,
    label: str = "",
) -> dict[str, Any]:
    """Draw flows between columns of nodes, in the order given, and list them in a hidden table.

    nodes  [{"id": "kontak", "label": "Kontak", "column": 0, "kind": "source"}, ...]
           kind is source | mid | grey | red or "" (accent); drawn from the left by column
    links  [{"source": "kontak", "target": "contact", "value": 46380, "kind": "red"}, ...]
           kind is mid | grey | red or "" ; links of value 0 or less are left out
    label  the sentence for screen readers

    Heights share one scale, so equal counts look equal everywhere, except that flows too thin
    to see get 1.6 units (``thin`` is then True and the caption says so). The height grows
    when labels would overlap. Raises KeyError when a link names an unknown node.
    """
    boxes = {
        n["id"]: Node(n["id"], str(n["label"]), int(n["column"]), n.get("kind", "")) for n in nodes
    }
    flows = [
        Link(boxes[k["source"]], boxes[k["target"]], k["value"], k.get("kind", ""))
        for k in links
        if k["value"] > 0
    ]
    for flow in flows:
        flow.source.outgoing.append(flow)
        flow.target.incoming.append(flow)
    for box in boxes.values():
        box.value = max(sum(f.value for f in box.outgoing), sum(f.value for f in box.incoming))
    shown = [box for box in boxes.values() if box.value]
    total_height = _place(shown, width, height)
    thin = _draw(flows, shown)
    return {
        "nodes": shown,
        # Red last, so that what needs a person is never painted over.
        "links": sorted(flows, key=lambda f: f.kind == "red"),
        "width": width,
        "height": round(total_height, 1),
        "node_width": NODE_WIDTH,
        "thin": thin,
        "least": LEAST_LINK,
        "label": label,
    }


def _place(nodes: Sequence[Node], width: float, height: float) -> float:
    """Give every node its place; return the height the drawing needs."""
    columns: dict[int, list[Node]] = {}
    for node in nodes:
        columns.setdefault(node.column, []).append(node)
    if not columns:
        return 0.0
    last = max(columns)
    height = max(height, *(len(c) * (LABEL_LINE + 4) for c in columns.values()))
    fullest = max(sum(n.value for n in c) for c in columns.values())
    most = max(len(c) for c in columns.values())
    scale = (height - most * LABEL_LINE * 0.8) / fullest
    needed = height
    for number, column in columns.items():
        x = MARGIN_LEFT + (width - MARGIN_LEFT - MARGIN_RIGHT - NODE_WIDTH) * (
            number / last if last else 0
        )
        for node in column:
            node.x, node.side = x, "start" if number == 0 else "end"
            # A node is never shorter than its flows at their least width.
            node.height = max(
                node.value * scale,
                LEAST_NODE,
                *(
                    sum(_thickness(f, scale) for f in side)
                    for side in (node.outgoing, node.incoming)
                ),
            )
            for flow in (*node.outgoing, *node.incoming):
                flow.thickness = _thickness(flow, scale)
        slots = [max(n.height, LABEL_LINE) for n in column]
        room = height - sum(slots)
        gap = min(max(room / max(len(column) - 1, 1), 4), 28) if len(column) > 1 else 0
        y = max((height - sum(slots) - gap * (len(column) - 1)) / 2, 0)
        for node, slot in zip(column, slots, strict=True):
            node.y = y + (slot - node.height) / 2
            y += slot + gap
        needed = max(needed, y - gap)
    return needed


def _thickness(flow: Link, scale: float) -> float:
    return max(flow.value * scale, LEAST_LINK)


def _draw(flows: Sequence[Link], nodes: Sequence[Node]) -> bool:
    """Write each flow's path, its ends stacked in the other side's order; True if any is thin."""
    for node in nodes:
        node.outgoing.sort(key=lambda f: f.target.y)
        node.incoming.sort(key=lambda f: f.source.y)
        node.right = node.left = node.y
    starts, ends = {}, {}
    for node in nodes:
        for flow in node.outgoing:
            starts[id(flow)] = node.right
            node.right += flow.thickness
        for flow in node.incoming:
            ends[id(flow)] = node.left
            node.left += flow.thickness
    for flow in flows:
        flow.path = _ribbon(
            flow.source.x + NODE_WIDTH,
            starts[id(flow)],
            flow.target.x,
            ends[id(flow)],
            flow.thickness,
        )
    return any(f.thickness == LEAST_LINK for f in flows)


def _ribbon(x0: float, y0: float, x1: float, y1: float, thickness: float) -> str:
    mid = (x0 + x1) / 2
    low0, low1 = y0 + thickness, y1 + thickness
    return (
        f"M{x0:.1f} {y0:.1f}C{mid:.1f} {y0:.1f} {mid:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"V{low1:.1f}C{mid:.1f} {low1:.1f} {mid:.1f} {low0:.1f} {x0:.1f} {low0:.1f}Z"
    )
