"""Word lists kept as text: ``head: item, item, …``, continued on indented lines."""

from collections.abc import Iterator


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield (head, body) of each entry; a line that starts with a space continues the last."""
    joined: list[str] = []
    for line in text.strip("\n").splitlines():
        if line.startswith(" ") and joined:
            joined[-1] += " " + line.strip()
        elif line.strip():
            joined.append(line.strip())
    for line in joined:
        head, _, body = line.partition(":")
        yield head.strip(), body.strip()
