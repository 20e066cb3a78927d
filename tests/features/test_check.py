"""`check`, as an organiser uses it: what the bot may do in each group, what comes next, and what to mend."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.core.feature import KEEPS_NOTHING, Feature, Trouble
from bot.core.port import Access, Channel, Community, Reason
from bot.features.check import ABILITIES, AT_ONCE, lacking
from tests.fakes import CIRCLE, EVERYTHING, FakePlatform, actor, later
from tests.house import LEADER, ORGANISER, House, button_of, labels_of, text_of

HOUR = timedelta(hours=1)
READ_ONLY = Access(see=True, look_back=True)


@dataclass(slots=True)
class Planner:
    """A feature that posts in groups, and hears what may be done there."""

    runs: dict[Channel, Sequence[datetime]] = field(default_factory=dict[Channel, Sequence[datetime]])
    trouble: Trouble | None = None
    heard: list[tuple[Channel, Access]] = field(default_factory=list[tuple[Channel, Access]])
    broken: bool = False

    async def upcoming(self, channel: Channel, after: datetime) -> Sequence[datetime]:
        self._break()
        return [at for at in self.runs.get(channel, ()) if at > after]

    async def last_failure(self, channel: Channel) -> Trouble | None:
        self._break()
        return self.trouble if channel == CIRCLE else None

    async def accessible(self, channel: Channel, access: Access) -> None:
        self._break()
        self.heard.append((channel, access))

    def _break(self) -> None:
        if self.broken:
            raise ValueError("a bad row")


@pytest.fixture
def planner(house: House) -> Generator[Planner]:
    """Plug in a feature that plans posts, alone with `check`'s questions."""
    known = house.app.tools.house
    before, planner = known.features, Planner()
    asked = Feature(
        "planner",
        KEEPS_NOTHING,
        upcoming=planner.upcoming,
        last_failure=planner.last_failure,
        accessible=planner.accessible,
    )
    known.features = [*(each for each in before if each.upcoming is None), asked]
    yield planner
    known.features = before


async def test_all_is_well(house: House, planner: Planner) -> None:
    """It says what it may do, when it posts next, and what the clocks show: its own, the reader's, the group's."""
    now = house.clock.now()
    planner.runs[CIRCLE] = [now + 4 * HOUR, now + HOUR, now + 2 * HOUR, now + 3 * HOUR]

    response = await house.types(ORGANISER, "check")

    coming = "; ".join(f"Wed 21 Oct 2026, {hour}:00 (Europe/Berlin)" for hour in (15, 16, 17))
    assert [
        "How things stand",
        "My own clock shows 2026-10-21 12:00 (UTC). On yours it is Wed 21 Oct 2026, 14:00 (Europe/Berlin).",
        "#circle",
        "• All is well: I can see, post, open threads, attach files, pin, and look back here.",
        f"• Next posts: {coming}",
        "• The time here is 2026-10-21 14:00 (Europe/Berlin).",
    ] == [line for line in text_of(response).splitlines() if line]
    assert ["Check again", "Get support"] == labels_of(response)
    assert [] == list(house.platform.posts)


async def test_what_is_missing_is_told_with_the_fix(house: House, planner: Planner) -> None:
    """What is there is told too; what went wrong last, and a silence."""
    planner.trouble = Trouble(house.clock.now() - HOUR, Reason.FORBIDDEN)
    house.platform.accesses[CIRCLE] = READ_ONLY
    await house.types(LEADER, "quiet group")

    said = text_of(await house.types(ORGANISER, "check"))

    assert "I can see this channel, look back." in said
    assert "I can't post in #circle." in said
    assert "Silenced, until somebody ends it with quiet end." in said
    assert "The last trouble, Wed 21 Oct 2026, 13:00 (Europe/Berlin): I was not allowed to post." in said
    assert "Nothing is planned here." in said
    assert "All is well" not in said


async def test_what_has_stopped_may_go_on(house: House, planner: Planner) -> None:
    """Every feature hears what may be done now, good or bad; not when nobody could tell."""
    await house.types(ORGANISER, "check")
    house.platform.accesses[CIRCLE] = READ_ONLY
    await house.types(ORGANISER, "check")
    house.platform.fails(later(reason=Reason.UNREACHABLE), doing="access")
    await house.types(ORGANISER, "check")

    assert [(CIRCLE, EVERYTHING), (CIRCLE, READ_ONLY)] == planner.heard


async def test_a_platform_out_of_reach_is_told(house: House, planner: Planner) -> None:
    """What comes next is told all the same."""
    planner.runs[CIRCLE] = [house.clock.now() + HOUR]
    house.platform.fails(later(reason=Reason.UNREACHABLE), doing="access")

    said = text_of(await house.types(ORGANISER, "check"))

    assert "can't be reached just now, so I don't know what I may do here" in said
    assert "Next posts: Wed 21 Oct 2026, 15:00" in said


async def test_coming_posts_are_told_where_quiet_hours_move_them(house: House, planner: Planner) -> None:
    """A post that falls into quiet hours is told for their end."""
    await house.types(ORGANISER, "group edit quiet=14:30-16:00")
    planner.runs[CIRCLE] = [house.clock.now() + HOUR]

    assert "Next posts: Wed 21 Oct 2026, 16:00" in text_of(await house.types(ORGANISER, "check"))


async def test_a_feature_that_breaks_hides_nothing(house: House, planner: Planner) -> None:
    """What may be done is told, whatever goes wrong with the rest."""
    planner.broken = True

    assert "All is well" in text_of(await house.types(ORGANISER, "check"))


async def test_many_groups_come_in_several_answers(house: House, planner: Planner) -> None:
    """*More* goes on where the answer ended, each group is told once, and each answer fits, whatever is amiss."""
    there = Community("discord", "guild")
    platforms = house.app.platforms
    assert isinstance(platforms, dict)
    platforms["discord"] = platform = FakePlatform(house.clock, "discord")
    names = [f"a-group-with-quite-a-long-name-{number}" for number in range(AT_ONCE + 2)]
    for name in names:
        channel = Channel(there, name)
        await house.app.tools.groups.add(channel, "America/Argentina/ComodRivadavia", "en", "AR")
        platform.accesses[channel] = Access(see=True)
        planner.runs[channel] = [house.clock.now() + hours * HOUR for hours in (1, 2, 3)]
    organiser = actor("ola", manages=True, community=there)
    planner.trouble = Trouble(house.clock.now(), Reason.NO_ANSWER)

    first = await house.types(organiser, "check", Channel(there, names[0]))
    second = await house.press(organiser, button_of(first, "More"))
    del platforms["discord"]

    told = [[name for name in names if f"#{name}\n" in text_of(answer)] for answer in (first, second)]
    assert [names[:AT_ONCE], names[AT_ONCE:]] == told
    assert "2 more groups are left." in text_of(first)
    assert ["Check again", "More", "Get support"] == labels_of(first)
    assert ["Check again", "Get support"] == labels_of(second)
    assert {"after": str(AT_ONCE)} == button_of(second, "Check again").arguments
    assert len(text_of(first)) < 4000
    for permission in (
        "Send Messages",
        "Create Public Threads",
        "Send Messages in Threads",
        "Attach Files",
        "Pin Messages",
        "Read Message History",
    ):
        assert permission in text_of(first)


def test_a_cause_is_told_and_not_what_follows_from_it() -> None:
    """Whoever cannot see can do nothing; whoever is not in a Slack channel may do nothing there either."""
    assert ["see"] == lacking(Access(), "discord")
    assert ["post"] == lacking(Access(see=True), "slack")
    assert ["post", "thread", "attach", "pin", "look_back"] == lacking(Access(see=True), "discord")
    assert ["pin"] == lacking(Access(see=True, post=True, thread=True, attach=True, look_back=True), "slack")
    assert [] == lacking(EVERYTHING, "slack")


async def test_every_lack_and_trouble_has_its_words(house: House) -> None:
    """On each platform in its own, and for every reason."""
    words = house.app.tools.words
    fixes = {f"check.fix_{kind}_{name}" for kind in ("discord", "slack", "other") for name in ABILITIES}
    wanted = (
        fixes | {f"check.trouble_{reason.value}" for reason in Reason} | {f"check.can_{name}" for name in ABILITIES}
    )

    assert set() == {key for key in wanted if not words.knows(key)}
    for key, said in (
        ("check.fix_slack_post", "/invite @Hearthside"),
        ("check.fix_slack_attach", "files:write"),
        ("check.fix_slack_pin", "pins:write"),
        ("check.fix_slack_look_back", "groups:history"),
        ("check.fix_discord_see", "View Channel"),
    ):
        assert said in words.say(key, "en", channel="#circle")


async def test_a_community_without_groups_is_told_how_to_begin(bare_house: House) -> None:
    """There is nothing to check yet."""
    assert "Add the first one with group add" in text_of(await bare_house.types(ORGANISER, "check"))


async def test_check_is_the_organisers(house: House) -> None:
    """A leader is told whom to ask, and the platform is asked nothing."""
    assert "This is for those who manage this community" in text_of(await house.types(LEADER, "check"))
    assert 0 == house.platform.tries("access")


async def test_checking_lets_a_stopped_schedule_go_on(house: House) -> None:
    """Once the fix works, the next look tells so, names the next posts, and what was refused comes after all."""
    await house.types(LEADER, 'schedule add what=empathy in=#circle rule="daily 15:00"')
    house.platform.refuses[CIRCLE] = Reason.FORBIDDEN
    await house.wait(hours=1, minutes=1)
    stopped = text_of(await house.types(ORGANISER, "check"))
    house.platform.refuses.clear()
    mended = text_of(await house.types(ORGANISER, "check"))
    await house.wait(minutes=1)

    assert "I can't see #circle." in stopped
    assert "The last trouble, Wed 21 Oct 2026, 15:00 (Europe/Berlin): I was not allowed to post." in stopped
    assert "All is well" in mended
    assert "Next posts: Thu 22 Oct 2026, 15:00 (Europe/Berlin); Fri 23 Oct" in mended
    assert 1 == len(house.said_to(CIRCLE))
