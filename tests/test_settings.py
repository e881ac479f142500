import re
from pathlib import Path

import pytest

from qontakmig import checks, env

ROOT = Path(__file__).resolve().parent.parent


def test_every_variable_that_settings_reads_is_described():
    code = (ROOT / "qontakmig/settings.py").read_text(encoding="utf-8")
    described = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    names = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code)

    assert names
    assert [name for name in names if f"`{name}`" not in described] == []


@pytest.mark.parametrize(
    ("call", "value", "sentence"),
    [
        (lambda: env.flag("X", False), "maybe", "X is 'maybe'; write true or false."),
        (lambda: env.integer("X", 1), "two", "X is 'two'; write a whole number."),
        (lambda: env.integer("X", 1, least=1), "0", "X is 0; the least is 1."),
        (lambda: env.database("X", Path("/d")), "mysql://a/b", "X begins with 'mysql'"),
    ],
)
def test_an_odd_value_is_refused_by_its_name(monkeypatch, call, value, sentence):
    monkeypatch.setenv("X", value)

    with pytest.raises(env.BadSetting, match=re.escape(sentence)):
        call()


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))

    assert env.text("X") == "from a file"


def test_a_queue_that_retries_before_its_timeout_stops_the_program(settings):
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 60, "timeout": 240}

    (error,) = checks.queue_retries_after_its_timeout()

    assert error.id == "qontakmig.E001"


def test_the_queue_of_this_checkout_is_set_up_right():
    assert checks.queue_retries_after_its_timeout() == []
