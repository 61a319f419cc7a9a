"""Computes the figures of random months (article 38) once more, from what tickets are and what was due on them, and compares
them with what the program's rates say. Shares no code with these. A development check: `cargo test` needs no Python.

    cargo run --release -q -p tests --bin months -- --months 200 | python3 tests/rates/check.py

Each line is a ticket of `tests/src/months.rs`: 60 of them a month. Prints the counts; exit code 1 if any figure differs. What
it holds besides, over all: every sign-for and end that came due has one owner, and is in time, late or open; and the tables that
were locked while the tickets went on come, with what they carried of earlier ones and what waits, to what the tickets come to.
"""

import csv
import datetime as dt
import json
import pathlib
import sys
from collections import Counter

DAY = 86_400_000
HOLIDAYS = pathlib.Path(__file__).parents[2] / "node/data/holidays.csv"
MONTHS_OF = 60
BAD = {"yes": 0, "mostly": 1, "no": 2, "satisfied": 0, "dissatisfied": 2, "unsure": 1}
ENDED = {"answered", "rejected", "referred", "own-matter", "withdrawn", "merged"}
DECIDES = {"return-approve", "return-deny", "extend-approve", "extend-deny", "confirm-closure", "send-back", "decide-time", "defer-approve", "defer-release"}
# The usual settings: working days to appeal after the month, to decide on a request, to ask for a return, to pass one on.
APPEAL, REVIEW, RETURN, PASS_ON = 3, 1, 2, 1
# In milliseconds: half an hour to decide on the return of urgent help.
URGENT_RETURN = 30 * 60_000
# To decide on a statutory term, on what cannot be solved yet, on an appeal; and on a return of urgent help, in milliseconds.
TIME_REVIEW, DEFER_REVIEW, APPEAL_REVIEW, URGENT_RETURN = 1, 1, 3, 1_800_000


def working_days():
    with HOLIDAYS.open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(line for line in file if not line.startswith("#")) if row]
    return {row[0]: row[1] == "work" for row in rows if row[0][:1].isdigit()}


WORKING = working_days()
COVERED = {day[:4] for day in WORKING}
# Of years whose notice is not there: what the regulation of holidays itself names.
FIXED = {"01-01", "05-01", "05-02", "10-01", "10-02", "10-03"}


def works(day):
    iso = day.isoformat()
    usual = day.weekday() < 5 and (iso[:4] in COVERED or iso[5:] not in FIXED)
    return WORKING.get(iso, usual)


def date(at):
    return dt.date(1970, 1, 1) + dt.timedelta(days=(at + 8 * 3_600_000) // DAY)


def ends(day):
    return ((day - dt.date(1970, 1, 1)).days + 1) * DAY - 8 * 3_600_000


def after(at, days):
    """The first moment that is too late, so many working days after the day of something."""
    day = date(at)
    while days > 0:
        day += dt.timedelta(days=1)
        days -= works(day)
    return ends(day)


def days_between(start, end):
    """Working days after the day of the one, up to that of the other."""
    day, last, days = date(start), date(end), 0
    while day < last:
        day += dt.timedelta(days=1)
        days += works(day)
    return days


def month_over(at):
    day = date(at)
    first = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return ends(first - dt.timedelta(days=1))


class Ticket:
    def __init__(self, ticket):
        self.t, self.now, self.sums = ticket, ticket["now"], Counter()
        self.acts = ticket["acts"]
        self.place = {act["id"]: place for place, act in enumerate(self.acts)}
        self.apart = ticket["registered_by"] if ticket["by_proxy"] and ticket["city"] is not None else None

    def act(self, act_id):
        return self.acts[self.place[act_id]] if act_id in self.place else None

    def add(self, unit, at, **figures):
        month = date(at).year * 12 + date(at).month - 1
        for name, number in figures.items():
            self.sums[month, unit, unit == self.apart, name] += int(number)

    def leave(self, unit, at, reason):
        month = date(at).year * 12 + date(at).month - 1
        self.sums[month, unit, False, reason] += 1

    def rounds(self):
        """Rounds that were found closed: as they stood, with the act that ended them."""
        for stood in [*self.t["past"], self.now]:
            lead = [p for p in stood["parts"] if p["part"] == "lead" and p["closed_by"] is None]
            if stood["closure"] and lead:
                yield stood, lead[0]

    def praise(self):
        """Nobody is assessed by praise: it is listed for the unit that it was conveyed to."""
        ended = self.act(self.t["answer"]) if self.t["answer"] else None
        if ended and ended["kind"] == "convey":
            self.leave(ended["named"], ended["at"], "praise")

    def count(self):
        self.praise()
        for part in self.now["parts"]:
            self.come_due(part)
            if part["part"] == "assisting":
                self.assisting(part)
            else:
                self.handling(part)
        closed = list(self.rounds())
        for stood, lead in closed:
            self.closure(stood, lead, closed)
        self.reviews()
        return +self.sums

    # What a hop did and had.

    def why_taken(self, part):
        act = self.act(part["closed_by"])
        if act["lead"] == part["unit"]:
            return None
        # By one person, or where two people merge another matter by the confirm.
        if part["closed_by"] == self.t["merged"]:
            return "merged"
        if part["return_waits"]:
            return "returned"
        return "recalled" if act["kind"] == "recall" else "redispatched"

    def handling(self, part):
        unit, away = part["unit"], part["away_from"]
        if away is None:
            self.add(unit, part["dispatched_at"], dispatched=1, urgent=self.t["urgent"])
        if part["signed_at"] is not None and not (away is not None and part["signed_at"] <= away):
            self.add(unit, part["signed_at"], signed=1)
        reason = self.why_taken(part) if part["closed_by"] else None
        asked = [a for a in self.acts if a["kind"] == "return-request" and a["answers"] == part["dispatch"]]
        for act in asked:
            self.add(unit, act["at"], returns_asked=1, returns_agreed=act is asked[-1] and reason == "returned")
        for at, of, dispatch in self.t["supervisions"]:
            if (of, dispatch) == (unit, part["dispatch"]):
                self.add(unit, at, supervised=1)
        withdrawn = self.act(self.t["answer"]) if self.t["answer"] else None
        if reason:
            self.leave(unit, self.act(part["closed_by"])["at"], reason)
        elif not part["closed_by"] and withdrawn and withdrawn["kind"] == "withdraw":
            self.leave(unit, withdrawn["at"], "withdrawn-after-contact" if part["contacted"] else "withdrawn")

    def come_due(self, part):
        for past in self.t["past"]:
            then = [p for p in past["parts"] if (p["dispatch"], p["unit"]) == (part["dispatch"], part["unit"])]
            over = past["by"] in (part["closed_by"], self.t["answer"])
            if then and over:
                self.due(then[0], past, "sign_for", past["at"])
            if then and (over or past["closure"]):
                self.due(then[0], past, "finish", past["at"], part)
        filed = self.now["state"] == "archived" and (self.t["answer"] or self.t["merged"])
        if not part["closed_by"] and self.now["state"] not in ENDED and not filed:
            self.due(part, self.now, "sign_for", None)
            self.due(part, self.now, "finish", None, part)

    def line(self, part):
        """The dispatches by which the unit had it before that of the part, without having lost it, and after, that of the part among them."""
        own = [p for p in self.now["parts"] if p["unit"] == part["unit"] and p["part"] != "assisting"]
        line, before, after = [part["dispatch"]], [], [part["dispatch"]]
        for p in reversed(own):
            follows = [q for q in own if p["closed_by"] and q["resumes"] == p["closed_by"]]
            if any(q["dispatch"] in line + before for q in follows):
                before.append(p["dispatch"])
        for p in own:
            if p["resumes"] and any(q["closed_by"] == p["resumes"] for q in own if q["dispatch"] in after):
                after.append(p["dispatch"])
        return before, after

    def own(self, stood, part):
        """The part, or as which it goes on."""
        _, after = self.line(part)
        same = lambda p: p["unit"] == part["unit"] and p["dispatch"] in after and p["closed_by"] is None
        return next((p for p in stood["parts"] if same(p)), None)

    def let_go(self, part, stood, what):
        """Two people let it go, or upheld an appeal: the end of that round, and the sign-for with the first one of the part."""
        rounds = [s for s, _ in self.rounds() if self.own(s, part)]
        here = lambda s: s is stood or not stood["closure"] and s["round"] == stood["round"]
        rounds = rounds[:1] if what == "sign_for" else [s for s in rounds if here(s)]
        return any(self.left_out(s, self.own(s, part)) for s in rounds)

    def due(self, part, stood, what, until, at_last=None):
        if self.let_go(part, stood, what):
            return
        items = [d for d in stood["dues"] if d["what"] == what and d["unit"] == part["unit"]]
        if part["part"] == "assisting":
            return
        # What was to be finished of tickets that joined is counted as if they had not.
        for item in items:
            self.due_item(part, item, what, until, at_last)

    def due_item(self, part, item, what, until, at_last):
        due, met, open_ = item["due"], item["met_at"], item["provisional"]
        away = part["away_from"]
        if what == "sign_for":
            asked = part["return_asked_at"]
            if met is None and asked is not None and asked < due:
                met, open_ = asked, False
            counted = away is not None and (due if met is None else met) <= away
        else:
            closer = at_last["closed_by"]
            agreed = closer and closer != self.t["merged"] and self.returned(part, until)
            counted = agreed or (away is not None and due <= away)
        if counted or (met is None and until is not None and until < due):
            return
        in_time = met is not None and met < due and not open_
        left = not open_ and (met is None or met >= month_over(due - 1))
        names = ("sign_for_due", "signed_in_time", "sign_for_open", "left_unsigned")
        names = names if what == "sign_for" else ("finish_due", "finished_in_time", "finish_open", "left_open")
        self.add(part["unit"], due - 1, **dict(zip(names, (1, in_time, open_, left))))

    def returned(self, part, taken_at):
        """Asked for in the term for that, for the first time, and taken away before silence counted as a refusal."""
        asked = self.act(part["return_waits"]) if part["return_waits"] else None
        if asked is None or part["returns_refused"] or taken_at is None:
            return False
        limit = after(part["had_from"], RETURN)
        # While it was merged into another ticket nobody could return it.
        for start, end in part["gone"]:
            if start < limit and end > part["had_from"]:
                limit = after(limit - 1, days_between(max(start, part["had_from"]), end))
        if part["back_at"] is not None:
            limit = max(limit, after(part["back_at"], PASS_ON))
        # Of urgent help at once.
        silence = asked["at"] + URGENT_RETURN if self.t["urgent"] else after(asked["at"], REVIEW)
        return asked["at"] < limit and taken_at < silence

    def assisting(self, part):
        same = lambda p: (p["dispatch"], p["unit"], p["part"]) == (part["dispatch"], part["unit"], "assisting")
        for stood, lead in self.rounds():
            if any(same(p) and p["closed_by"] is None for p in stood["parts"]):
                at, finish = stood["closure"][1], self.of(stood, lead, "finish")
                fed = part["fed_back"] if part["fed_back"] is not None and part["fed_back"] < at else None
                item = self.of(stood, part, "feedback")
                due = item or finish
                open_ = fed is not None and item is not None and item["provisional"]
                in_time = fed is not None and not open_ and (due is None or fed < due["due"])
                self.add(part["unit"], at, assisted=1, fed_back=fed is not None, fed_back_in_time=in_time, fed_back_open=open_)
                return

    # Closures and ratings.

    @staticmethod
    def of(stood, lead, what):
        return next((d for d in stood["dues"] if d["what"] == what and d["unit"] == lead["unit"]), None)

    def ratings_of(self, number):
        """The ratings of a round that count, one of each requester: verified and not called wrong, else the worst."""
        rated = [r for r in self.t["ratings"] if r["round"] == number and r["rating"] and not r["aside"]]
        each = [[r for r in rated if r["of"] == of] for of in {r["of"] for r in rated}]
        each = [max([r for r in own if r["found"]] or own, key=self.weight) for own in each]
        # Whose ticket joins no more is asked where it went on: here what was bad stays, and what the others did not say as well.
        here = [r for r in each if r["of"] is None or r["of"] in self.t["joined"]]

        def stays(rating):
            contacted, solved, satisfied = rating["rating"]
            others = list(zip(*(r["rating"] for r in here))) or [["yes"], ["yes"], ["satisfied"]]
            return (
                "no" == solved or satisfied == "dissatisfied"
                or contacted != "yes" and "yes" in others[0]
                or any(BAD[said] > min(map(BAD.get, theirs)) for said, theirs in zip((solved, satisfied), others[1:]))
            )

        return here + [r for r in each if r not in here and stays(r)]

    def rating_of(self, number):
        return max(self.ratings_of(number), key=self.weight, default=None)

    def mean(self, unit, at, name, said):
        """How many of several said so, as one: whole, or in thousandths to the nearest, a half against the unit."""
        much, of = sum(said), len(said)
        if much == of:
            self.add(unit, at, **{name: 1})
        else:
            self.add(unit, at, **{name + "_parts": -((of - 2000 * much) // (2 * of))})

    @staticmethod
    def weight(rated):
        contacted, solved, satisfied = rated["rating"]
        bad = solved == "no" or satisfied == "dissatisfied"
        return bad, BAD[solved], BAD[satisfied], BAD[contacted], -rated["at"]

    def left_out(self, stood, own):
        act, at = stood["closure"]
        if self.t["tolerated"] and self.place[self.t["tolerated"]] > self.place[act]:
            return "tolerated"
        limit = after(month_over(at) - 1, APPEAL)
        # Of the county above the unit its own; of the unit that, and the county's.
        units = [p["unit"] for p in stood["parts"] if p["closed_by"] is None and p["part"] == "outer"]
        units = [own["unit"], *(units if own["part"] == "lead" else [])]
        for appeal in self.t["appeals"]:
            if appeal["round"] == stood["round"] and appeal["unit"] in units and appeal["at"] < limit and appeal["upheld"]:
                return "appeal-upheld"
        return None

    def closure(self, stood, lead, closed):
        unit, (act, at) = lead["unit"], stood["closure"]
        if unit == self.apart:
            self.leave(unit, at, "proxy")
        if reason := self.left_out(stood, lead):
            self.leave(unit, at, reason)
            return
        urgent = self.of(stood, lead, "urgent")
        # 0 in time, 1 neither in time nor late, 2 late; of several the worst counts.
        met = lambda d: 2 if d is None or d["met_at"] is None else 1 if d["provisional"] else 2 * (d["met_at"] >= d["due"])
        ends = [d for d in stood["dues"] if d["what"] == "finish" and d["unit"] == unit]
        # Each of those that joined was to be in time, but for what crossed the report.
        ends = [d for d in ends if d["met_at"] is not None or not d["provisional"]]
        ended = max((met(d) for d in ends), default=0)
        responded = max([met(self.of(stood, lead, "sign_for")), met(self.of(stood, lead, "contact")), met(urgent) if urgent else 0])
        self.add(unit, at, closed=1, closed_in_time=ended == 0, closed_open=ended == 1, again=stood["round"] > 1)
        self.add(unit, at, responded=responded == 0, responded_open=responded == 1)
        number, rated = stood["round"], self.rating_of(stood["round"])
        first = min((r["round"] for r in self.t["ratings"] if r["rating"] and r["round"]), default=None)
        if rated and first == number:
            self.add(unit, at, first_rated=1)
            self.mean(unit, at, "first_solved", [r["rating"][1] == "yes" for r in self.ratings_of(number)])
        own = [s["round"] for s, other in closed if other["unit"] == unit and self.rating_of(s["round"])]
        if rated and number == max(own):
            self.rated(stood, lead, self.ratings_of(number))
        else:
            self.leave(unit, at, self.unrated(stood, number, rated))

    def unrated(self, stood, number, rated):
        tries = [r for r in self.t["ratings"] if r["round"] == number]
        if rated:
            return "superseded"
        if any(r["aside"] for r in tries):
            return "set-aside"
        if stood["state"] not in ("awaiting-archive", "archived"):
            return "open"
        if self.t["anonymous"]:
            return "anonymous"
        declined = tries and self.act(tries[-1]["id"])["said"] == "declined"
        return "declined" if declined else "unreached"

    def rated(self, stood, lead, told):
        unit, (act, at) = lead["unit"], stood["closure"]
        self.add(unit, at, rated=1)
        self.mean(unit, at, "contacted", [self.contacted(lead, r) for r in told])
        self.mean(unit, at, "satisfied", [r["rating"][2] == "satisfied" for r in told])
        self.mean(unit, at, "mostly_satisfied", [r["rating"][2] == "mostly" for r in told])
        due = max((d["due"] for d in stood["dues"] if d["what"] == "finish" and d["unit"] == unit), default=0)
        if self.deferred(stood, lead) and due > at:
            # It waits, and counts when it is due after that.
            self.leave(unit, at, "deferred")
            at = due - 1
        reasons = [self.barred(stood, r["rating"][1]) for r in told]
        judged = [r["rating"][1] for r, reason in zip(told, reasons) if not reason]
        if not judged:
            self.leave(unit, at, reasons[0])
            return
        self.add(unit, at, judged=1)
        self.mean(unit, at, "solved", [said == "yes" for said in judged])
        self.mean(unit, at, "mostly_solved", [said == "mostly" for said in judged])

    def contacted(self, lead, rated):
        if rated["rating"][0] != "unsure":
            return rated["rating"][0] == "yes"
        return any(
            a for a in self.acts[self.place[lead["dispatch"]] + 1 :]
            # Whoever was written to was not spoken to.
            if a["kind"] == "contact" and a["unit"] == lead["unit"] and a["way"] in ("telephone", "on-site")
            and a["said"] == "answered" and a["at"] < rated["at"]
        )

    def deferred(self, stood, lead):
        act = stood["closure"][0]
        deferred = False
        before, _ = self.line(lead)
        first = min(self.place[dispatch] for dispatch in [lead["dispatch"], *before])
        for a in self.acts[first + 1 : self.place[act]]:
            if a["kind"] == "defer-approve":
                deferred = True
            # Given back to the unit that had it, it waits on.
            elif a["kind"] in ("defer-release", "remedy") or a["lead"] not in (None, lead["unit"]):
                deferred = False
        # What came to anything else than that it is not solved is judged like any other.
        return deferred and self.act(stood["completion"])["said"] == "unsolved"

    def barred(self, stood, solved):
        found, done = self.act(stood["closure"][0]), self.act(stood["completion"])
        of_round = [r for r in self.t["ratings"] if r["round"] == stood["round"] and not r["aside"]]
        if "by" in stood or any(r["finding"] == "not-done" for r in of_round):
            return None
        barred = found["city"] and found["said"] == "other" and done["said"] in ("explained", "not-adopted", "unsolved")
        return "barred" if barred and solved == "no" else None

    # What hotlines decide.

    def reviews(self):
        parts, once = {(p["dispatch"], p["unit"]): p for p in self.now["parts"]}, set()
        for place, asked in enumerate(self.acts):
            kind, city = asked["kind"], self.t["city"]
            if kind in ("defer", "appeal"):
                part, by = {"closed_by": None}, city
                if kind == "defer":
                    part = parts.get((asked["answers"], asked["unit"]), part)
                days = DEFER_REVIEW if kind == "defer" else APPEAL_REVIEW
            elif kind in ("return-request", "extend-request", "complete") or asked["term"]:
                part = parts.get((asked["answers"], asked["unit"]))
                if not part:
                    continue
                by = city if part["by"] in self.t["recused"] and city is not None else part["by"]
                if asked["of_city"]:
                    by = city
                days = TIME_REVIEW if asked["term"] else REVIEW
            else:
                continue
            if by is None:
                continue
            due, later = after(asked["at"], days), self.acts[place + 1 :]
            returns = kind == "return-request"
            alarmed = [at for at, ended in self.t["alarms"] if at <= asked["at"] and (ended is None or ended > asked["at"])]
            if returns and self.t["help"] and alarmed:
                due = asked["at"] + URGENT_RETURN
            decided = [
                a["at"] for a in later
                if (a["answers"] == asked["id"] and a["kind"] in DECIDES) or (returns and a["id"] == part["closed_by"])
            ]
            if kind == "appeal":
                decided = [self.act(a["decided"])["at"] for a in self.t["appeals"] if a["id"] == asked["id"] and a["decided"]]
            over = {
                "return-request": ("complete", "confirm-closure"),
                "defer": ("confirm-closure", "remedy", "recall", "redispatch"),
            }.get(kind, ())
            moot = [
                a["at"] for a in later
                if kind != "appeal" and (a["id"] in (part["closed_by"], self.t["answer"]) or a["kind"] in over)
            ]
            if not decided and moot and min(moot) < due:
                continue
            same, in_time = (kind, asked["unit"], asked["answers"]), bool(decided) and min(decided) < due
            if in_time and same in once:
                continue
            once |= {same} if in_time else set()
            self.add(by, due - 1, reviews_due=1, reviewed_in_time=in_time)


def said(ticket):
    sums = Counter()
    for month, unit, apart, figures in ticket["found"]:
        for name, number in figures:
            sums[month, unit, apart, name] += number
    return +sums


WITHIN = (
    ("sign_for_due", ("signed_in_time", "sign_for_open", "left_unsigned")),
    ("finish_due", ("finished_in_time", "finish_open", "left_open")),
    ("closed", ("closed_in_time", "closed_open")),
    ("reviews_due", ("reviewed_in_time",)),
    ("closed", ("rated",)),
    ("rated", ("judged",)),
)


def tables(line, truth):
    """What the locked tables of a month and its corrections differ in from what its tickets come to in the end."""
    sums, wrong = Counter(), []
    for _, unit, apart, figures in line["tables"]:
        table = Counter(dict(figures))
        for whole, parts in WITHIN:
            if min(table[part] for part in parts) < 0 or sum(table[part] for part in parts) > table[whole]:
                wrong.append((unit, apart, whole, dict(table)))
        for name, number in figures:
            sums[unit, apart, name] += number
    names = {name for _, _, name in sums}
    for unit, apart, figures in line["waiting"]:
        for name, number in figures:
            sums[unit, apart, name] += number
            names.add(name)
    expected = Counter()
    for (_, unit, apart, name), number in truth.items():
        if name in names:
            expected[unit, apart, name] += number
    wrong += [(key, sums[key], expected[key]) for key in sums.keys() | expected.keys() if sums[key] != expected[key]]
    return len(line["tables"]), len(line["waiting"]), wrong


def main():
    tickets = differ = figures = locked = waits = 0
    owners, truth = Counter(), Counter()
    for line in sys.stdin:
        ticket = json.loads(line)
        if "tables" in ticket:
            more, waiting, wrong = tables(ticket, truth)
            locked, waits, differ, truth = locked + more, waits + waiting, differ + bool(wrong), Counter()
            if wrong:
                print(f"the tables before ticket {tickets + 1} differ in {wrong}", file=sys.stderr)
            continue
        expected, found = Ticket(ticket).count(), said(ticket)
        truth.update(expected)
        tickets += 1
        figures += len(expected)
        for (_, _, _, name), number in found.items():
            owners[name] += number
        if expected != found:
            differ += 1
            only = {key: (expected[key], found[key]) for key in expected.keys() | found.keys() if expected[key] != found[key]}
            print(f"ticket {tickets}: naive and program differ in {only}", file=sys.stderr)
    for due, parts in (
        ("sign_for_due", ("signed_in_time", "sign_for_open")),
        ("finish_due", ("finished_in_time", "finish_open")),
    ):
        if owners[due] < sum(owners[part] for part in parts):
            differ += 1
            print(f"of {due} there are fewer than of its parts", file=sys.stderr)
    print(
        f"{tickets} tickets of {tickets // MONTHS_OF} months, {figures} figures, "
        f"{locked} rows of locked tables, {waits} corrections wait: {differ} differ"
    )
    return 1 if differ or not tickets else 0


if __name__ == "__main__":
    sys.exit(main())
