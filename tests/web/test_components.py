"""The design system: template tags, component partials, and rules that hold for all markup."""

import re
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from qontakmig.templatetags.bars import segmented, sparkline, trend_line
from qontakmig.templatetags.frame import initials, stepper_focus
from qontakmig.templatetags.gallery import gallery_data
from qontakmig.templatetags.icons import SPRITE, STATE_WORDS
from qontakmig.templatetags.sankey import LEAST_LINK, sankey

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = "{% load icons bars numbers sankey frame fields %}"


def render(source, **context):
    return Template(COMPONENTS + source).render(Context(context))


@pytest.mark.parametrize(
    ("tag", "english", "indonesian"),
    [
        ("{% number 128412 %}", "128,412", "128.412"),
        ("{% number 1234567.5 %}", "1,234,567.5", "1.234.567,5"),
        ("{% number 2.345 places=1 %}", "2.3", "2,3"),
        ("{% number -12 %}", "−12", "−12"),
        ("{% number 12 sign=True %}", "+12", "+12"),
        ("{% number none %}", "–", "–"),
        ("{% number 'Rp 12,5jt' %}", "–", "–"),
        ("{% percent 0.61 %}", "61%", "61%"),
        ("{% percent 0.127 1 %}", "12.7%", "12,7%"),
        ("{% percent 1 %}", "100%", "100%"),
        ("{% percent 0.9996 %}", "99%", "99%"),
        ("{% percent 0.9996 1 %}", "99.9%", "99,9%"),
        ("{% percent 0.0004 %}", "&lt;1%", "&lt;1%"),
        ("{% percent 0 %}", "0%", "0%"),
        (
            "{% rupiah 214806512000 %}",
            "Rp\N{NO-BREAK SPACE}214,806,512,000",
            "Rp\xa0214.806.512.000",
        ),
        ("{% rupiah '-1500.5' %}", "−Rp\xa01,500.50", "−Rp\xa01.500,50"),
    ],
)
def test_our_own_numbers_follow_the_readers_locale(tag, english, indonesian):
    with translation.override("en"):
        assert render(tag) == english
    with translation.override("id"):
        assert render(tag) == indonesian


@pytest.mark.parametrize(
    ("share", "width", "text"),
    [(0.61, "61%", "61%"), (0, "0%", "0%"), (1, "100%", "100%"), (1.7, "100%", "170%"),
     (None, "0%", "–"), (0.123456, "12.35%", "12%")],
)  # fmt: skip
def test_a_fill_bar_draws_its_share_and_says_it(share, width, text):
    html = render("{% fill_bar share %}", share=share)

    assert f'class="fill__value" width="{width}"' in html
    assert f'<span class="fill__number">{text}</span>' in html


@pytest.mark.parametrize(
    ("confidence", "filled", "weak", "text"),
    [(0.98, 5, False, "0.98"), (0.899, 4, False, "0.89"), (0.75, 4, False, "0.75"),
     (0.749, 4, True, "0.74"), (0.44, 2, True, "0.44"), (0, 0, True, "0.00"),
     (1, 5, False, "1.00")],
)  # fmt: skip
def test_dots_turn_grey_below_three_quarters_and_never_round_up(confidence, filled, weak, text):
    html = render("{% dots confidence %}", confidence=confidence)

    assert html.count("dots__on") == filled
    assert ("dots--weak" in html) is weak
    assert f"<span>{text}</span>" in html


def test_a_progress_bar_tells_screen_readers_its_share():
    html = render('{% progress 0.56 "71,309 of 128,412 records" %}')

    assert 'role="progressbar"' in html
    assert 'aria-valuenow="56"' in html
    assert 'aria-label="71,309 of 128,412 records"' in html
    assert 'width="56%"' in html


def test_segments_add_up_to_the_whole_bar():
    html = segmented(
        [
            {"value": 43, "label": "reviewed", "kind": "reviewed"},
            {"value": 0, "label": "held", "kind": "grey"},
            {"value": 18, "label": "open", "kind": "needs"},
        ]
    )

    widths = [float(w) for w in re.findall(r' width="([\d.]+)%"', html)]
    assert sum(widths) == pytest.approx(100, abs=0.05)
    assert len(widths) == 2
    assert 'aria-label="43 reviewed, 0 held, 18 open"' in html


def test_an_empty_segmented_bar_is_an_empty_track():
    assert "seg-rest" in segmented([{"value": 0, "label": "reviewed", "kind": "reviewed"}])


def test_a_sparkline_has_one_bar_each_and_the_last_is_solid():
    html = sparkline([3, 0, 12])

    assert html.count("<rect") == 3
    assert html.count("spark__bar--last") == 1
    assert 'height="16.0"' in html


def test_charts_of_no_values_draw_nothing():
    assert "<rect" not in sparkline([])
    assert trend_line([]) == ""


@pytest.mark.parametrize("state", STATE_WORDS)
def test_every_step_state_has_a_shape_and_a_word(state):
    html = render("{% state_icon state number=5 percent=61 %}", state=state)

    assert f"state--{state}" in html
    assert 'aria-label="' in html
    assert (">5</text>" in html) is (state == "locked")
    assert ('stroke-dasharray="61 100"' in html) is (state == "running")


def test_customers_text_is_escaped_wherever_a_tag_puts_it():
    nasty = '"><script>alert(1)</script>'

    html = render(
        "{% icon 'check' label=nasty %}{% state_icon 'done' label=nasty %}"
        "{% fill_bar 1 text=nasty %}{% progress 1 nasty %}{% segmented parts %}"
        "{% sankey nodes links %}"
        "{% squares kinds nasty %}{% card title=nasty note=nasty %}x{% endcard %}",
        nasty=nasty,
        parts=[{"value": 1, "label": nasty, "kind": "1"}],
        nodes=[{"id": "a", "label": nasty, "column": 0}, {"id": "b", "label": "b", "column": 1}],
        links=[{"source": "a", "target": "b", "value": 1}],
        kinds=["1"],
    )

    assert "<script>" not in html
    assert html.count("&lt;script&gt;") >= 8


def flow(*links):
    """Return the nodes and links of a two-column diagram."""
    names = dict.fromkeys(name for source, target, _ in links for name in (source, target))
    sources = {source for source, _, _ in links}
    nodes = [{"id": n, "label": n, "column": 0 if n in sources else 1} for n in names]
    return nodes, [{"source": s, "target": t, "value": v} for s, t, v in links]


def test_sankey_heights_share_one_scale_and_thin_flows_get_a_least_width():
    drawing = sankey(
        *flow(("Kontak", "Lead", 6000), ("Kontak", "Contact", 3000), ("Deal", "Lost", 1))
    )

    thickness = {link.target.label: link.thickness for link in drawing["links"]}
    assert thickness["Lead"] == pytest.approx(2 * thickness["Contact"])
    assert thickness["Lost"] == LEAST_LINK
    assert drawing["thin"] is True


def test_sankey_boxes_stay_inside_and_never_overlap():
    many = [("Kontak", f"Outcome {i}", 10**i) for i in range(8)]

    drawing = sankey(*flow(*many), height=100)

    boxes = [n for n in drawing["nodes"] if n.column == 1]
    for above, below in pairwise(boxes):
        assert below.y >= above.y + above.height
    assert boxes[-1].y + boxes[-1].height <= drawing["height"] + 0.1
    assert min(n.y for n in drawing["nodes"]) >= 0


def test_sankey_leaves_out_what_is_zero_and_survives_nothing():
    drawing = sankey(*flow(("Kontak", "Lead", 5), ("Kontak", "Merged", 0)))

    assert [n.label for n in drawing["nodes"]] == ["Kontak", "Lead"]
    assert sankey([], [])["nodes"] == []


def test_sankey_is_followed_by_a_table_of_the_same_numbers():
    nodes, links = flow(("Kontak", "Lead", 46380))

    with translation.override("id"):
        html = render("{% sankey nodes links %}", nodes=nodes, links=links)

    assert "<td>Kontak</td><td>Lead</td><td>46.380</td>" in html
    coordinates = re.findall(r' (?:x|y|width|height)="([^"]*)"', html)
    assert coordinates
    assert all(re.fullmatch(r"[\d.]+", value) for value in coordinates)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Rani Wulandari", "RW"), ("Slamet", "S"), ("drg. Andika Budi Pratama", "DP"),
     ("budi@example.co.id", "BE"), ("李 伟", "李伟"), ("  ", "?"), ("🙂", "?")],
)  # fmt: skip
def test_initials_come_from_the_first_and_last_word(name, expected):
    assert initials(name) == expected


def steps(*states):
    return [{"key": f"s{i}", "label": f"Step {i}", "state": s} for i, s in enumerate(states, 1)]


@pytest.mark.parametrize(
    ("states", "current", "number"),
    [
        (("done", "done", "attention", "locked"), "s2", 2),
        (("done", "running", "attention", "locked"), "", 3),
        (("done", "running", "locked"), "", 2),
        (("done", "ready", "locked"), "", 2),
        (("done", "done"), "", 1),
    ],
)
def test_the_narrow_stepper_shows_this_page_or_what_asks_first(states, current, number):
    assert stepper_focus(steps(*states), current)["number"] == number


def test_the_stepper_takes_objects_as_well_as_dicts_and_survives_none():
    road = [SimpleNamespace(key="map", label="Map", state="ready", url="/map/")]

    html = render_to_string("components/_stepper.html", {"steps": road, "current": "map"})

    assert html.count('aria-current="step"') == 2  # the wide list and the narrow one
    assert stepper_focus([])["step"] is None


def test_gates_stand_between_steps_as_padlocks_with_words():
    road = steps("done", "done", "locked")
    road[1] |= {"gate": "open", "gate_label": "A person confirmed the map"}
    road[2] |= {"gate": "closed"}

    html = render_to_string("components/_stepper.html", {"steps": road, "current": "s1"})

    assert 'aria-label="A person confirmed the map"' in html
    assert 'aria-label="Gate closed"' in html


@pytest.mark.parametrize(
    ("kind", "words"),
    [("dry_run", "Dry run"), ("sandbox", "Sandbox run"), ("production", "Production run"),
     ("delta", "Production delta"), ("rollback", "Rollback")],
)  # fmt: skip
def test_the_band_names_the_run_kind_and_the_host(kind, words):
    html = render_to_string(
        "components/_run_band.html", {"kind": kind, "host": "arunika.my.salesforce.com"}
    )

    assert f"band--{kind}" in html
    assert words in html
    assert "arunika.my.salesforce.com" in html


def test_an_equation_that_does_not_add_up_says_so_in_sign_and_colour():
    terms = [{"label": "created", "value": 405}]

    good = render_to_string(
        "components/_equation.html", {"total": 405, "terms": terms, "unexplained": 0}
    )
    bad = render_to_string(
        "components/_equation.html", {"total": 412, "terms": terms, "unexplained": 7}
    )

    assert "≠" not in good
    assert "is-off" not in good
    assert "≠" in bad
    assert "is-off" in bad


class HostForm(forms.Form):
    host = forms.CharField(help_text="As in the browser.")
    note = forms.CharField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A")])
    agree = forms.BooleanField()


def test_a_form_field_ties_label_help_and_errors_to_its_control():
    form = HostForm({})

    html = "".join(
        render_to_string("components/_form_field.html", {"field": field}) for field in form
    )

    described = re.search(r'<input[^>]*name="host"[^>]*aria-describedby="([^"]+)"', html)
    assert described
    for name in described.group(1).split():
        assert f'id="{name}"' in html
    assert 'class="input"' in html
    assert 'class="select"' in html
    assert html.count("optional") == 2  # the class and the word, for the one optional field
    assert html.count("This field is required.") == 3


def test_a_disabled_button_is_no_link_and_says_why():
    html = render_to_string(
        "components/_button.html",
        {"label": "Retry 41", "url": "/retry/", "disabled": True, "reason": "Fix first"},
    )

    assert "<a " not in html
    assert " disabled" in html
    assert "Fix first" in html


@pytest.mark.parametrize("theme", ["light", "dark", '"><script>', "blue"])
def test_only_the_two_themes_reach_the_page_from_the_cookie(theme):
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = theme

    html = render_to_string("404.html", request=request)

    assert ("data-theme=" in html.split(">")[1]) is (theme in {"light", "dark"})
    assert '"><script>' not in html


def test_the_sign_in_page_offers_both_languages_before_anyone_signs_in(client):
    html = client.get("/sign-in/").text

    assert 'action="/language/"' in html
    assert 'name="language" value="id"' in html
    assert '<label class="field__label" for="id_username">' in html
    assert "Sign out" not in html


@pytest.mark.parametrize("page", ["404.html", "403.html", "500.html", "403_csrf.html"])
def test_error_pages_need_no_context_and_say_that_nothing_was_lost(page):
    html = render_to_string(page)

    assert "nothing was changed" in html.lower() or "is kept" in html


def test_the_gallery_shows_every_component():
    html = render_to_string("gallery.html", request=RequestFactory().get("/gallery/"))
    source = (ROOT / "templates/gallery.html").read_text()
    parts_of_the_frame = {
        "_stylesheets", "_language_switch", "_user_menu", "_messages", "_stepper_step",
    }  # fmt: skip
    behind_a_tag = {
        "_card", "_sankey", "_progress", "_fill_bar", "_confidence_dots", "_sparkline",
    }  # fmt: skip
    parts_of_others = {"_form_field_notes", "_form_errors", "_stat"}

    shown = (
        set(re.findall(r"components/(_\w+)\.html", source))
        | parts_of_the_frame
        | behind_a_tag
        | parts_of_others
    )
    assert {path.stem for path in (ROOT / "templates/components").iterdir()} <= shown
    assert "Invalid" not in html
    assert gallery_data()["steps"][2]["summary"] in html


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda p: p.relative_to(ROOT / "templates").as_posix()
)
def test_no_template_holds_inline_style_script_or_handlers(path):
    text = path.read_text()

    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son\w+\s*=\s*[\"']", text)
    assert "javascript:" not in text
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text)


def test_every_icon_named_in_a_template_is_in_the_sprite():
    sprite = (ROOT / "static" / SPRITE).read_text()
    named = set()
    for path in TEMPLATES:
        named |= set(re.findall(r"{% icon ['\"]([\w-]+)['\"]", path.read_text()))
        named |= set(re.findall(r"\bicon(?:_end)?=['\"]([\w-]+)['\"]", path.read_text()))

    assert named
    assert [name for name in sorted(named) if f'<symbol id="{name}"' not in sprite] == []


def test_every_vendored_file_named_in_the_code_exists():
    static = ROOT / "static"
    named = {static / SPRITE}
    for path in TEMPLATES:
        named |= {static / n for n in re.findall(r"{% static '([^']+)' %}", path.read_text())}
    for path in (static / "css").glob("*.css"):
        urls = re.findall(r'url\("([^"]+)"\)', path.read_text())
        named |= {(path.parent / url).resolve() for url in urls}
    folders = [folder for folder in (static / "vendor").iterdir() if folder.is_dir()]

    # htmx is served from the package django-htmx, whose own tag writes its address.
    assert [str(path) for path in sorted(named) if not path.exists()] == []
    assert [folder.name for folder in folders if not (folder / "LICENSE").exists()] == []
    readme, notice = (static / "vendor/README.md").read_text(), (ROOT / "NOTICE").read_text()
    for folder in folders:
        version = folder.name.rpartition("-")[2]
        assert f"| {version} |" in readme
        assert folder.name in notice


def tokens():
    """Return {token: (light, dark)} as #RRGGBB, from tokens.css."""
    css = (ROOT / "static/css/tokens.css").read_text()
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Return the contrast ratio of WCAG 2.2, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ["canvas", "surface", "sunken", "hover", "accent-tint"]
TEXT_PAIRS = [
    *((text, ground) for text in ("ink", "ink-2", "ink-3", "accent") for ground in GROUNDS),
    *(("red", ground) for ground in ("canvas", "surface", "hover", "accent-tint", "red-tint")),
    *((text, "red-tint") for text in ("ink", "ink-2")),
    ("on-accent", "accent"), ("on-accent", "accent-hover"), ("on-red", "red"),
    ("on-red", "red-hover"), ("on-band", "band"), ("accent-hover", "accent-line"),
]  # fmt: skip
EDGE_PAIRS = [
    *((edge, ground) for edge in ("ctl", "accent", "red") for ground in ("surface", "canvas")),
    ("accent-mid", "surface"),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [(*pair, 4.5) for pair in TEXT_PAIRS] + [(*pair, 3.0) for pair in EDGE_PAIRS],
)
def test_colours_keep_their_contrast(front, back, least, theme):
    colours = tokens()

    assert contrast(colours[front][theme], colours[back][theme]) >= least
