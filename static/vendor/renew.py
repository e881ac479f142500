"""Copy fonts, chart library and an icon sprite out of unpacked npm packages; see README.md.

    python static/vendor/renew.py FOLDER

FOLDER holds one unpacked package a folder, as `npm pack` and `tar` leave them. Folders are named
<name>-<version>, so a renewed library leaves no stale copy in a browser cache.
"""

import json
import re
import shutil
import sys
from pathlib import Path

VENDOR = Path(__file__).parent

# package -> (our name, {file in the package: file here})
COPIES = {
    "@fontsource-variable/inter": (
        "inter",
        {
            "files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
        },
    ),
    "@fontsource-variable/jetbrains-mono": (
        "jetbrains-mono",
        {"files/jetbrains-mono-latin-wght-normal.woff2": "jetbrains-mono-latin.woff2"},
    ),
    "echarts": (
        "echarts",
        {"dist/echarts.min.js": "echarts.min.js", "NOTICE": "NOTICE"},
    ),
}

ICONS = """
activity adjustments alert-circle archive arrow-back-up arrow-down arrow-left arrow-narrow-right
arrow-right arrow-up arrows-exchange at ban bell book bookmark briefcase building building-bank
building-factory-2 building-skyscraper calendar calendar-event calendar-off chart-bar
chart-dots-3 chart-line check checklist checks chevron-down chevron-left chevron-right chevron-up
circle circle-check circle-dashed circle-dot circle-minus circle-x clipboard-check clock
clock-pause clock-play cloud cloud-off code columns-3 command copy credit-card currency-dollar database
database-export database-import device-desktop device-floppy device-mobile dots dots-vertical
download edit equal equal-not external-link eye eye-off file file-certificate
file-description file-diff file-export file-import file-invoice file-spreadsheet file-text
file-type-docx file-type-pdf file-zip files filter filter-off flag focus-2 folder forms gauge git-branch
git-compare git-merge grid-dots hand-stop hash headset help-circle history home hourglass id
info-circle key keyboard language layers-intersect layout-columns layout-grid layout-list
layout-sidebar-right link link-off list list-check list-details list-search loader lock
lock-open login logout mail map map-pin math-greater menu-2 message message-circle message-dots
messages minus moon note notes notebook package password paperclip pencil phone photo pin
player-pause player-play player-skip-forward player-stop plug plug-connected plug-connected-x
plus power printer question-mark receipt recycle refresh refresh-alert repeat
report-money replace restore rocket rotate route route-2 ruler-measure scale scan search selector send server server-2
settings shield shield-check shield-lock signature sitemap sort-ascending sort-descending
sparkles square square-check stack-2 star subtask sun switch-horizontal table table-export
table-import tag tags target template ticket timeline tool toggle-left transform transfer trash
trending-down trending-up unlink upload user user-check user-circle user-minus user-off
user-plus user-question user-search user-shield user-x users users-group versions video
wand webhook wifi-off world writing x zoom-check zoom-question
""".split()


def packages(folder: Path) -> dict[str, tuple[Path, str, str]]:
    """Return {package name: (folder, version, licence)} for every package.json one or two deep."""
    found = {}
    for manifest in sorted(folder.glob("*/package.json")) + sorted(
        folder.glob("*/package/package.json")
    ):
        about = json.loads(manifest.read_text())
        found[about["name"]] = (manifest.parent, about["version"], about.get("license", ""))
    return found


def fresh_folder(name: str, version: str) -> Path:
    for old in VENDOR.glob(f"{name}-[0-9]*"):
        shutil.rmtree(old)
    target = VENDOR / f"{name}-{version}"
    target.mkdir()
    return target


def sprite(icons_folder: Path) -> str:
    """Return one SVG document with a <symbol id="name"> for each of ICONS (24 x 24 outline)."""
    symbols = []
    for name in sorted(set(ICONS)):
        svg = (icons_folder / f"{name}.svg").read_text()
        body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S).group(1)
        body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", body)
        body = re.sub(r"\s*\n\s*", "", body).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main(folder: Path) -> None:
    found = packages(folder)
    for package, (name, files) in COPIES.items():
        source, version, licence = found[package]
        target = fresh_folder(name, version)
        for theirs, ours in {**files, "LICENSE": "LICENSE"}.items():
            shutil.copyfile(source / theirs, target / ours)
        print(f"{package} {version} ({licence}) -> {target.name}")
    source, version, licence = found["@tabler/icons"]
    target = fresh_folder("tabler-icons", version)
    (target / "sprite.svg").write_text(sprite(source / "icons" / "outline"))
    shutil.copyfile(source / "LICENSE", target / "LICENSE")
    print(f"@tabler/icons {version} ({licence}) -> {target.name}, {len(set(ICONS))} icons")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
