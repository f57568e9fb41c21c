"""A page like the one of the airport survey, made from counts that are written down here."""

from __future__ import annotations

from datetime import UTC, datetime
from math import sqrt

from attrs import evolve

from cxm_core.report import (
    Definition,
    Grouped,
    Headline,
    Known,
    KnownRow,
    QuarantineCount,
    Quote,
    ReportPage,
    TouchpointRow,
    Wave,
)
from cxm_core.results import (
    Breakdown,
    Caveat,
    Comparison,
    Estimate,
    Receipt,
    SourceStatus,
    Step,
    SyncReceipt,
    Waterfall,
)
from cxm_core.vocabulary import Scale, Window

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
ZONE = "America/Los_Angeles"
Z = 1.959963984540054
HASH = "9f2c41d0a6b85e73"

#: Touchpoint -> (asked, used, rated in the two lowest levels) in 2017 and in 2018.
COUNTS = {
    "Artwork and exhibitions": ((2729, 2284, 95), (2685, 2160, 108)),
    "Restaurants": ((2762, 2421, 255), (2716, 2342, 265)),
    "Retail shops and concessions": ((2749, 2374, 183), (2685, 2277, 229)),
    "Signs and directions inside SFO": ((2756, 2703, 97), (2708, 2648, 117)),
    "Escalators, elevators and moving walkways": ((2765, 2629, 66), (2711, 2537, 60)),
    "Information on screens and monitors": ((2758, 2659, 71), (2701, 2611, 69)),
    "Information booths, lower level": ((2724, 1710, 113), (2664, 1518, 92)),
    "Information booths, upper level": ((2716, 1740, 114), (2643, 1529, 82)),
    "Free Wi-Fi": ((2734, 2142, 155), (2678, 2074, 180)),
    "Signs on SFO roadways": ((2699, 1908, 93), (2632, 1772, 120)),
    "Airport parking": ((2681, 1271, 77), (2599, 1065, 73)),
    "AirTrain": ((2689, 1450, 51), (2603, 1309, 74)),
    "Long-term parking shuttle": ((2650, 834, 65), (2576, 649, 55)),
    "Rental car center": ((2650, 1006, 80), (2579, 910, 77)),
}

#: Touchpoint, score on likelihood to recommend, words. From the survey, which is public domain.
WORDS = (
    ("Security", 3, "SECURITY LINES ARE ALWAYS WAY TOO LONG."),
    ("Free Wi-Fi", 6, "COULD NOT GET ON THE FREE INTERNET"),
    ("Restaurants", 4, "FOOD TOO EXPENSIVE AND OF POOR QUALITY. MAJOR DRAWBACK TO AIRPORT."),
    ("Security", 2, "SECURITY SECOND SCREEN CAUSED ME TO MISS FLIGHT FROM TERMINAL 1 TO 3."),
    (
        "Security",
        0,
        (
            "TOO MANY PEOPLE AND ONLY 1 OPENED SECURITY AREA! IT TOOK TOO MUCH TIME TO GET "
            "THROUGH. NO PRIVILEGE LINE FOR TRANSFERS."
        ),
    ),
    ("Signs and directions inside SFO", 7, "INTERNATIONAL FLIGHT CONNECTION DIRECTIONS."),
    ("Escalators", 5, "BROKEN ESCALATOR NEAR A12 IN'L TERMINAL."),
    ("Rental car center", 6, "RENTAL CAR OUTSIDE IS HARD TO REACH."),
    (
        "Check-in",
        1,
        (
            "BRITISH AIRLINES CHECKING, BAG DROPOFF CHAOTIC, 2 HRS WAIT. "
            "STAFF DID NOT MANAGE THE WAITING LINES."
        ),
    ),
    ("Cleanliness", 3, "VERY DIRTY SITTING AREA."),
    (
        "Security",
        4,
        (
            "WE WERE PRIORITY & WAITED 10 MINUTES IN LINE B/C PPL WERE ASKING FOR INFO SHOULD BE "
            "MOVED TO ANOTHER LANE IF JUST INQUIRING. SHOULD NOT BE IN PRIORITY BUSINESS"
        ),
    ),
    ("Gates", None, "SEATING AREA AT GATE 99 IS VERY COLD."),
)


def year(label: str) -> Window:
    """Window of one survey wave."""
    return Window.parse(label, zone=ZONE)


def receipt(wave: str, **given: object) -> Receipt:
    """Receipt with everything that one can have."""
    known = {
        "engine": "nps",
        "method": "score",
        "confidence_level": 0.95,
        "definition": "recommend",
        "version": 1,
        "definition_hash": HASH,
        "parameters": (("scale", "0-10"), ("top", "9, 10"), ("bottom", "0 to 6")),
        "filters": (("question", "NETPRO"), ("journey", "departure")),
        "window": year(wave),
        "steps": (("rows", 2831), ("in window", 2831), ("answered", 2746)),
        "exclusions": (("no_answer", 85),),
        "sources": (
            SourceStatus(source="files:sfo", stream="2017", is_complete=True, ended_at=NOW),
            SourceStatus(source="files:sfo", stream="2018", is_complete=True, ended_at=NOW),
        ),
        "program_hash": "4b1f0c7788aa",
        "library_version": "0.1.0",
    }
    return Receipt(**{**known, **given})  # type: ignore[arg-type]  # keywords of one class


def points(wave: str, value: float, error: float, n: int, **given: object) -> Estimate:
    """Estimate in NPS points."""
    made = Estimate(
        metric="nps",
        value=value,
        low=value - Z * error,
        high=value + Z * error,
        confidence_level=0.95,
        method="score",
        standard_error=error,
        n=n,
        effective_n=n * 0.71,
        unit="points",
        receipt=receipt(wave),
    )
    return evolve(made, **given)


def share(count: int, n: int, wave: str = "2018") -> Estimate:
    """Share with its Wilson interval."""
    p = count / n
    middle, width = p + Z * Z / 2 / n, Z * sqrt(p * (1 - p) / n + (Z / 2 / n) ** 2)
    return Estimate(
        metric="top_box",
        value=p,
        low=(middle - width) / (1 + Z * Z / n),
        high=(middle + width) / (1 + Z * Z / n),
        confidence_level=0.95,
        method="wilson",
        standard_error=sqrt(p * (1 - p) / n),
        n=n,
        effective_n=n,
        unit="share",
        receipt=receipt(wave, engine="top_box", method="wilson", definition="rating"),
    )


def change(before: Estimate, after: Estimate) -> Comparison:
    """Difference of two estimates with a plain interval."""
    error = sqrt((before.standard_error or 0) ** 2 + (after.standard_error or 0) ** 2)
    value = (after.value or 0) - (before.value or 0)
    return Comparison(
        metric=after.metric,
        value=value,
        low=value - Z * error,
        high=value + Z * error,
        confidence_level=0.95,
        method="mover",
        standard_error=error,
        unit=after.unit,
        before=before,
        after=after,
        caveats=after.caveats,
        receipt=receipt("2018", method="mover", window=None, steps=(), exclusions=()),
    )


def headline(title: str, before: Estimate, after: Estimate, **given: object) -> Headline:
    """Headline over two waves."""
    waves = (Wave(label="2017", estimate=before), Wave(label="2018", estimate=after))
    made = Headline(title=title, waves=waves, change=change(before, after))
    return evolve(made, **given)


def touchpoint(label: str) -> TouchpointRow:
    """Row of one touchpoint, from its counts."""
    then, now = COUNTS[label]
    product = share(now[2], now[0])
    return TouchpointRow(
        label=label,
        usage=share(now[1], now[0]),
        bottom=share(now[2], now[1]),
        product=product,
        change=change(share(then[2], then[0], "2017"), product),
        question=f"Please rate: {label}.",
    )


def breakdown() -> Breakdown:
    """NPS over three strata and those without one."""
    return Breakdown(
        metric="nps",
        axes=("stratum",),
        labels=(("International",), ("Terminal 1",), ("Terminal 3",), (None,)),
        value=[33.1, 28.4, 31.7, None],
        low=[28.6, 23.9, 26.8, None],
        high=[37.4, 32.8, 36.4, None],
        confidence_level=0.95,
        method="score",
        standard_error=[2.2, 2.3, 2.4, None],
        n=[980, 901, 769, 0],
        effective_n=[980, 901, 769, None],
        unit="points",
        group_caveats=((), (), (), (Caveat.of("no_answers"),)),
        receipt=receipt("2018"),
    )


def syncs() -> tuple[SyncReceipt, ...]:
    """One clean sync, and one that set records aside and met something new."""
    return (
        SyncReceipt(
            source="files:sfo",
            stream="2017",
            started_at=NOW,
            ended_at=NOW,
            served=42_465,
            applied=42_465,
        ),
        SyncReceipt(
            source="files:sfo",
            stream="2018",
            started_at=NOW,
            ended_at=NOW,
            served=42_135,
            applied=42_114,
            duplicate=9,
            quarantined=12,
            reasons={"out_of_scale": 12},
            drift={"Q20Age": 2809},
            note="Read with the aliases of 2018.",
        ),
    )


def sfo_page() -> ReportPage:
    """The whole page."""
    rating = Scale.named("0-10")
    quotes = tuple(
        Quote(
            text=text,
            question="What was the problem?",
            score=score,
            scale=rating,
            score_label="Likelihood to recommend",
            at=datetime(2018, 5, 3 + place, 19, tzinfo=UTC),
            touchpoint=about,
        )
        for place, (about, score, text) in enumerate(WORDS)
    )
    weighted = (
        points("2017", 40.398436, 1.524684, 2746),
        points("2018", 35.113632, 2.208824, 2650, caveats=(Caveat.of("unclustered"),)),
    )
    return ReportPage(
        title="San Francisco International Airport",
        subtitle="What departing passengers said in May 2017 and May 2018",
        generated_at=NOW,
        zone=ZONE,
        program="sfo",
        program_hash="4b1f0c7788aa",
        headlines=(
            headline(
                "Net Promoter Score",
                *weighted,
                is_weighted=True,
                outcome="passengers who choose SFO again",
                question="How likely is it that you would recommend SFO to a friend?",
                journey="departure",
                owner="Guest experience",
            ),
            headline(
                "Net Promoter Score, each answer once",
                points("2017", 39.839767, 1.334137, 2746),
                points("2018", 30.981132, 1.442203, 2650),
            ),
            headline("Satisfied with SFO as a whole", share(2206, 2688, "2017"), share(2059, 2625)),
        ),
        touchpoints=tuple(touchpoint(label) for label in COUNTS),
        touchpoint_window="2018",
        groups=(Grouped(title="Net Promoter Score by stratum", breakdown=breakdown()),),
        quotes=quotes,
        completeness=syncs(),
        quarantine=(
            QuarantineCount(
                reason="out_of_scale",
                count=12,
                streams=("files:sfo 2018",),
                meaning="The score is not on its scale.",
            ),
        ),
        definitions=(
            Definition(
                term="Net Promoter Score",
                text="Share of answers 9 or 10 minus share of answers 0 to 6, in points.",
                version=1,
                definition_hash=HASH,
            ),
            Definition(
                term="95% interval",
                text="If the survey were done again and again, 95 of 100 such intervals would hold "
                "the figure of all passengers.",
            ),
        ),
    )


def page_full_of(text: str) -> ReportPage:
    """A page that has `text` in every field that takes any text at all."""
    told = {
        "engine": text,
        "method": text,
        "definition": text,
        "definition_hash": text,
        "parameters": ((text, text),),
        "design": (text,),
        "filters": ((text, text),),
        "window": evolve(year("2018"), label=text),
        "steps": ((text, 3), (text, 2)),
        "exclusions": ((text, 1),),
        "sources": (SourceStatus(source=text, stream=text, is_complete=None),),
        "program_hash": text,
        "library_version": text,
    }
    caveat = Caveat(code="small_n", message=text)
    estimate = evolve(
        points("2018", 31.0, 1.4, 2650, caveats=(caveat,)),
        metric=text,
        unit=text,
        method=text,
        receipt=receipt("2018", **told),
    )
    earlier = evolve(estimate, value=39.8)
    moved = change(earlier, estimate)
    row = TouchpointRow(
        label=text,
        usage=estimate,
        bottom=estimate,
        product=estimate,
        change=moved,
        question=text,
    )
    groups = evolve(
        breakdown(),
        metric=text,
        axes=(text,),
        labels=((text,), (text + "2",), (None,), (True,)),
        unit=text,
        method=text,
        group_caveats=((caveat,), (), (), ()),
        receipt=receipt("2018", **told),
    )
    sync = evolve(
        syncs()[0],
        source=text,
        stream=text,
        note=text,
        drift={text: 1},
        reasons={text: 1},
        unchanged=(text,),
    )
    return ReportPage(
        title=text,
        subtitle=text,
        generated_at=NOW,
        program=text,
        program_hash=text,
        headlines=(
            Headline(
                title=text,
                waves=(
                    Wave(label=text, estimate=earlier),
                    Wave(label=text + "2", estimate=estimate),
                ),
                change=moved,
                outcome=text,
                question=text,
                journey=text,
                owner=text,
            ),
        ),
        known=(Known(title=text, rows=(KnownRow(label=text, estimate=estimate, known=31.5),)),),
        known_from=text,
        touchpoints=(row,),
        touchpoint_window=text,
        groups=(Grouped(title=text, breakdown=groups, note=text),),
        results=(
            Waterfall(
                metric=text,
                unit=text,
                start=1.0,
                end=2.0,
                steps=[Step(text, 1.0, 0.5, 1.5, note=text)],
                method=text,
                caveats=(caveat,),
                receipt=receipt("2018", **told),
                labels=(text, text),
            ),
        ),
        quotes=(
            Quote(
                text=text,
                question=text,
                score=3,
                scale=Scale.named("0-10"),
                score_label=text,
                at=NOW,
                touchpoint=text,
            ),
        ),
        completeness=(sync,),
        quarantine=(QuarantineCount(reason=text, count=1, streams=(text, text), meaning=text),),
        definitions=(Definition(term=text, text=text, version=1, definition_hash=text),),
    )
