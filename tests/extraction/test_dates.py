"""Dates as pages write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.extraction.dates import find_moment


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("2019-12-10", "2019-12-10", "day"),
        ("来源：某馆 2031年5月8日 20:30", "2031-05-08T20:30+08:00", "minute"),
        ("2031-05-08 20:30:07", "2031-05-08T20:30:07+08:00", "second"),
        ("2031-05-08 00:00:00", "2031-05-08", "day"),
        ("Updated: September 04, 2031 17:26", "2031-09-04T17:26+08:00", "minute"),
        ("Press Conference on May 8, 2031", "2031-05-08", "day"),
        ("8 May 2031", "2031-05-08", "day"),
        ("March 1, 2024 8:05 PM", "2024-03-01T20:05+08:00", "minute"),
        ("March 1, 2024 8:05 a.m.", "2024-03-01T08:05+08:00", "minute"),
        ("2024-03-01 12:05:09pm", "2024-03-01T12:05:09+08:00", "second"),
        ("2024-03-01 12:05 AM", "2024-03-01T00:05+08:00", "minute"),
        ("2024-03-01 20:05 PM", "2024-03-01T20:05+08:00", "minute"),
        ("2024-03-01 8:05 Pmax", "2024-03-01T08:05+08:00", "minute"),
        ("2031/12/30", "2031-12-30", "day"),
        ("2031-05-08T22:00:00Z", "2031-05-09T06:00:00+08:00", "second"),
        ("20310508", "2031-05-08", "day"),
        ("2031年2月15日至23日", "2031-02-15", "day"),
    ],
)
def test_forms(text: str, expected: str, precision: str) -> None:
    """As precise as written; without a zone it is Shanghai's; exact midnight is a date only; AM, PM count."""
    moment = find_moment(text)
    assert moment is not None
    assert (moment.text, moment.precision) == (expected, precision)


@pytest.mark.parametrize("text", [None, "", "2031-13-45", "1203-01-02", "12345678901", "2031-05", "May 2031"])
def test_what_is_no_date_is_none(text: str | None) -> None:
    """Nothing is invented."""
    assert find_moment(text) is None


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    """No text makes it fail."""
    find_moment(text, last=True)


@given(st.datetimes().filter(lambda when: 1949 <= when.year <= 2100))
def test_a_printed_time_comes_back(when: object) -> None:
    """The ISO form to the second is read back exactly."""
    text = f"{when:%Y-%m-%d %H:%M:%S}"
    moment = find_moment(text)
    assert moment is not None
    assert f"{moment.when:%Y-%m-%d %H:%M:%S}" == text
