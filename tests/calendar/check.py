"""Asks the program 20,000 random questions about terms in working days and compares the answers with a calendar that
was made by others (PyPI chinesecalendar). A development check: `cargo test` needs no Python.

    python3 -m venv target/calendar && target/calendar/bin/pip install -r tests/calendar/requirements.txt
    cargo build --release && target/calendar/bin/python tests/calendar/check.py target/release/jiesu

The program answers by the calendar that it is built with (node/data/holidays.csv, 2007 to 2026). Terms that need the
notice for 2027 are not asked. Prints the counts; exit code 1 if any answer differs.
"""

import argparse
import datetime as dt
import json
import random
import subprocess
import sys
import tempfile

import chinese_calendar

LOCAL = dt.timezone(dt.timedelta(hours=8))
FIRST, LAST = dt.date(2007, 1, 1), dt.date(2026, 12, 27)
# From 29 December on the notice for the next year can decide.
CERTAIN_LAST = dt.date(2026, 12, 28)
DAYS_MAX = 30
# Seconds of a day at which mistakes are likely; each is asked about once in so many questions.
EDGES = [0, 1, 8 * 3600 - 1, 8 * 3600, 16 * 3600 - 1, 16 * 3600, 24 * 3600 - 1]
EDGE_PERCENT = 30


def last_day(start: dt.datetime, days: int) -> dt.date | None:
    """The last day of the term: the day of the start is not counted. None where 2027 would decide."""
    day = start.date()
    while days > 0:
        day += dt.timedelta(days=1)
        if day > CERTAIN_LAST:
            return None
        days -= chinese_calendar.is_workday(day)
    return day


def questions(count: int, seed: int):
    """Pairs of a question and the last day of its term."""
    dice = random.Random(seed)
    span = (LAST - FIRST).days + 1
    while count > 0:
        day = FIRST + dt.timedelta(days=dice.randrange(span))
        edge = dice.randrange(100) < EDGE_PERCENT
        second = dice.choice(EDGES) if edge else dice.randrange(24 * 3600)
        start = dt.datetime.combine(day, dt.time(), LOCAL) + dt.timedelta(seconds=second)
        days = dice.randint(1, DAYS_MAX)
        expected = last_day(start, days)
        if expected is None:
            continue
        count -= 1
        # The same moment is also asked about as the clocks of Greenwich write it.
        written = start if dice.randrange(4) else start.astimezone(dt.timezone.utc)
        yield written.isoformat(), days, expected


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the program, such as target/release/jiesu")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    asked = list(questions(args.count, args.seed))
    with tempfile.TemporaryDirectory() as nowhere:
        answered = subprocess.run(
            [args.program, "--dir", nowhere, "calendar", "due", "--batch", "-"],
            input="".join(f"{start},{days}\n" for start, days, _ in asked),
            capture_output=True,
            text=True,
        )
    if answered.returncode != 0:
        print(answered.stderr, file=sys.stderr)
        return 1
    answers = [json.loads(line) for line in answered.stdout.splitlines()]
    if len(answers) != len(asked):
        print(f"{len(asked)} questions, {len(answers)} answers", file=sys.stderr)
        return 1
    differing = 0
    for (start, days, expected), answer in zip(asked, answers):
        midnight = dt.datetime.combine(expected + dt.timedelta(days=1), dt.time(), LOCAL).isoformat()
        said = (answer["start"], answer["days"], answer["last_day"], answer["due"], answer["provisional"])
        if said != (start, days, expected.isoformat(), midnight, False):
            differing += 1
            if differing <= 20:
                print(f"{start} + {days}: {expected} expected, the program says {answer}")
    edges = sum(dt.datetime.fromisoformat(start).astimezone(LOCAL).time() in
                [dt.time(0), dt.time(23, 59, 59)] for start, _, _ in asked)
    years = sorted({start[:4] for start, _, _ in asked})
    print(f"{len(asked)} questions from {years[0]} to {years[-1]} (seed {args.seed}), {edges} of them at 00:00:00 or "
          f"23:59:59, {len({q[:2] for q in asked})} different: {differing} answered otherwise")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
