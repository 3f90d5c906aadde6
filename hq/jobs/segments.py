"""The refresh of segments: HQ counts who is in one, and tills are told."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, func, select

from hq.book.book import Book
from hq.book.schema import member
from hq.ingest.membership import set_segments
from hq.jobs.figures import Part, Sums, add_up
from hq.jobs.members import member_page, standings
from hq.jobs.scenes import ANYWHERE, Scenes, home_stores
from hq.jobs.values import PAGE, Done, Job
from loyalty.due.segmenting import Figures, segments_of
from loyalty.holding.periods import Period
from loyalty.holding.standing import Standing

_MEMBERS_AT_ONCE = 500_000
"""Members whose sums are in memory at once; for more, the journals are read as often as it takes."""


def refresh_segments(book: Book, scenes: Scenes) -> Done:
    """Count every member anew."""
    counted = [segment for one in scenes.programmes() for segment in one.segments if not segment.external]
    done = Done(job=Job.SEGMENTS, looked_at=0, changed=0)
    if not counted:
        return done
    today = scenes.of(ANYWHERE).moment.business_date
    with book.read() as connection:
        members = connection.execute(select(func.count()).select_from(member)).scalar_one()
    parts = -(-members // _MEMBERS_AT_ONCE) or 1
    windows = {segment.window for segment in counted}
    for number in range(parts):
        part = Part(number=number, of=parts)
        done = _refresh(book, scenes, part, add_up(book, windows, today, part), done)
    return done


def _refresh(
    book: Book, scenes: Scenes, part: Part, sums: Mapping[bytes, Mapping[Period | None, Sums]], done: Done
) -> Done:
    after = b""
    while True:
        with book.write() as connection:
            page = member_page(connection, after, PAGE)
            mine = [one for one in page if part.has(one)]
            changed = set_segments(connection, _counted(connection, scenes, mine, sums)) if mine else 0
        if not page:
            return done
        done, after = done.plus(len(mine), changed), page[-1]


def _counted(
    connection: Connection, scenes: Scenes, members: list[bytes], sums: Mapping[bytes, Mapping[Period | None, Sums]]
) -> dict[bytes, tuple[str, ...]]:
    homes = home_stores(connection, members)
    found: dict[bytes, tuple[str, ...]] = {}
    for standing in standings(connection, members):
        scene = scenes.of(homes.get(standing.member, ANYWHERE))
        if scene.programme is not None:
            figures = _figures(
                standing, sums.get(standing.member, {}), {one.window for one in scene.programme.segments}
            )
            today: date = scene.moment.business_date
            found[standing.member] = segments_of(scene.programme.segments, figures, standing.segments, today)
    return found


def _figures(
    standing: Standing, sums: Mapping[Period | None, Sums], windows: set[Period | None]
) -> dict[Period | None, Figures]:
    return {window: _of_window(standing, sums.get(window, Sums())) for window in windows}


def _of_window(standing: Standing, of: Sums) -> Figures:
    return Figures(
        spend_minor=of.spend_minor,
        visits=of.visits,
        spend_by_category=of.by_category,
        last_visit_on=standing.last_visit_on,
        joined_on=standing.joined_on,
    )
