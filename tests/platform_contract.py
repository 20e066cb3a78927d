"""What every platform does, whatever it is made of: one suite, run against console, Discord and Slack.

A platform's test module writes a `Harness` and one class:

    class TestConsole(PlatformContract):
        def make_harness(self) -> Harness:
            return ConsoleHarness()

Platforms behind a network take `RemotePlatformContract`, which adds lost answers and limits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Protocol

import pytest

from bot.core.port import (
    ADDRESSED,
    TEXT,
    Access,
    Button,
    CannotLookError,
    Channel,
    DeliveryError,
    File,
    Member,
    Message,
    Outcome,
    Picture,
    Ping,
    Platform,
    Reason,
    Reply,
    ReplyTo,
    Thread,
    Update,
)
from bot.core.text import mention, plain
from tests.adapters.fake_core import (
    ADD,
    ANSWER,
    DONE,
    DRAFT,
    FETCH,
    GREET,
    KEEP,
    MIRROR,
    MIRROR_LABEL,
    PLAN,
    POINT,
    POINT_LABEL,
    PROBLEM,
    SEND,
    WRONG,
    FakeCore,
)

MEMBER: Final = "member"
OTHER: Final = "other"
ORGANISER: Final = "organiser"
CIRCLE: Final = "circle"

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD: Final = datetime(2060, 1, 1, tzinfo=UTC)
KEEP_IT: Final = Button("Keep it", KEEP, {"row": "7", "how": "gently"})
WRITE: Final = Button("Write", ANSWER, {"row": "7"})
LAKE: Final = Picture(b"a lake in many colours", "image/png", "A quiet lake & *mist* <over it>")
PICTURED: Final = Message(plain("Look."), footer=plain("Stay as long as you like."), buttons=(KEEP_IT,), picture=LAKE)
PLANNED: Final = {
    "title": "A walk",
    "tone": "soft",
    "words": "by the river",
    "zone": "Europe/Berlin",
    "day": "mon,thu",
    "until": "2027-01-31",
    "at": "19:00",
    "loud": "yes",
}
"""A form of eight fields, filled in."""
LONGEST: Final = "a word "
"""Repeated, a message as long as a platform takes."""
HOSTILE: Final = "@everyone @here <!channel> <!here> <@&1> [x](javascript:1) **loud** <script> `code`"
HOSTILE_MARKUP: Final = (
    f"{HOSTILE}\n\n# @everyone\n\n> @here\n\n- <!channel>\n\n`@everyone` ``` `` @here `` ```\n\n"
    "**@everyone** _<!here>_ [@everyone](https://x.org/@here) [<!channel>](https://x.org/>|<!here>)\n\n"
    "https://x.org/<!channel> \\@everyone &lt;!here&gt; <@U0OTHER000> <@!1> <#1> @\u200deveryone"
)
"""What somebody may write as a text of their own, to be read as small Markdown."""


# ---------------------------------------------------------------- what a platform's tests provide


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as a person sees it.

    `text` is all that can be read, title and footer included, escapes undone. `pings` are the names (see `Harness`)
    of the people who are notified; a ping of many stands there as the platform calls it, such as "everyone".
    `pictures` are the alternative texts of those that are shown, as a screen reader says them.
    """

    text: str
    buttons: tuple[str, ...] = ()
    pings: frozenset[str] = frozenset()
    pinned: bool = False
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormSeen:
    """An open form: what stands in its inputs, by the name of the field (`Field.name`); empty inputs as ""."""

    title: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])


class Harness(Protocol):
    """A platform with one community, its people, and eyes.

    People and channels go by the names of this module. There are `MEMBER`, `OTHER` and `ORGANISER`, who alone manages
    the community, and all three can read `CIRCLE`, where the bot may do everything. Typed lines hold `#circle` and
    `@other`, as people type them.

    Whatever a person does to the bot returns once they can see its answer (a private message, a form, an update); it
    fails after a bounded wait.
    """

    @property
    def platform(self) -> Platform:
        """Return the platform under test."""
        ...

    @property
    def core(self) -> FakeCore:
        """Return the core that the platform runs with."""
        ...

    longest: int
    """How many characters the longest message has that a person can write."""

    async def start(self) -> None:
        """Build the community and run the platform; return when it is ready."""
        ...

    async def stop(self) -> None:
        """Cancel the platform and leave nothing running."""
        ...

    def member(self, name: str) -> Member:
        """Return a person's address."""
        ...

    def channel(self, name: str) -> Channel:
        """Return a channel's address."""
        ...

    def nobody(self) -> Member:
        """Return an address as a member's, of somebody whom the platform does not know."""
        ...

    def nowhere(self) -> Channel:
        """Return an address as a channel's, of one that does not exist."""
        ...

    # ------------------------------------------------------------ what people do

    async def types(self, actor: str, line: str) -> None:
        """Use a command in `CIRCLE`: on Discord a slash command with these options, elsewhere the line as it is."""
        ...

    async def writes(self, actor: str, text: str) -> None:
        """Write to the bot directly."""
        ...

    async def mentions(self, actor: str, text: str) -> None:
        """Write in `CIRCLE`, beginning with a mention of the bot."""
        ...

    async def says(self, actor: str, text: str) -> None:
        """Write in `CIRCLE`, to everybody. Returns at once."""
        ...

    async def replies(self, actor: str, text: str) -> None:
        """Write in a thread of `CIRCLE` that began at a message of `OTHER`. Returns at once."""
        ...

    async def chooses(self, actor: str, label: str, text: str) -> None:
        """Choose an entry in the menu of the newest message with this text in `CIRCLE` and its threads."""
        ...

    async def presses(self, actor: str, label: str) -> None:
        """Press the button of the newest message this person can see that has one with this label."""
        ...

    async def submits(self, actor: str, values: Mapping[str, str]) -> None:
        """Fill in the open form by names of fields, and send it. What is not mentioned stays as it stands."""
        ...

    async def suggestions(self, actor: str, command: str, field: str, typed: str) -> Sequence[str]:
        """Return the values offered for what was typed into a field, in a form or while typing the command."""
        ...

    # ------------------------------------------------------------ what people see

    async def fetches(self, actor: str, name: str) -> str:
        """Return what stands in a file that the bot gave to this person alone; fails after a bounded wait."""
        ...

    def answers_seen(self, actor: str) -> Sequence[Seen]:
        """Return all that only this person sees, oldest first, direct messages included; forms are not."""
        ...

    def direct_seen(self, actor: str) -> Sequence[Seen]:
        """Return the bot's direct messages to this person, oldest first."""
        ...

    def posts_seen(self, place: Channel | Thread) -> Sequence[Seen]:
        """Return what the bot posted there for everyone, oldest first; a channel's with replies to its messages."""
        ...

    def form_seen(self, actor: str) -> FormSeen | None:
        """Return the form that this person has open."""
        ...

    def problems_seen(self, actor: str) -> str:
        """Return what this person reads about the form they sent last: beside its inputs, or in a message."""
        ...

    async def mends(self, actor: str) -> FormSeen:
        """Return the form again after a wrong one; where that takes a press ("Mend it"), press."""
        ...

    # ------------------------------------------------------------ what happens to the bot

    def closes_direct(self, actor: str) -> None:
        """Let direct messages to this person be refused."""
        ...

    def leaves(self, actor: str) -> None:
        """Let this person no longer be where `CIRCLE` can be read."""
        ...

    def forbids(self, channel: str) -> None:
        """Let the bot no longer post in a channel."""
        ...


class RemoteHarness(Harness, Protocol):
    """A platform behind a network."""

    def loses_answer(self) -> None:
        """Let the next post be accepted and its answer be lost."""
        ...

    def hurries(self) -> None:
        """Let the next post be refused as too fast, with the shortest wait there is."""
        ...

    def breaks_uploads(self) -> None:
        """Let no picture be taken in `CIRCLE` any more; words are."""
        ...

    def kept(self) -> Sequence[bytes]:
        """Return the contents of all files of the bot that the platform holds, whether anybody can see them or not."""
        ...

    def hides_history(self, channel: str) -> None:
        """Let the bot no longer read back in a channel."""
        ...


# ---------------------------------------------------------------- the suite


class PlatformContract:
    """Every test here holds on every platform."""

    def make_harness(self) -> Harness:
        """Return a new harness, not started."""
        raise NotImplementedError

    @pytest.fixture
    async def harness(self) -> AsyncIterator[Harness]:
        made = self.make_harness()
        await made.start()
        try:
            yield made
        finally:
            await made.stop()

    # ------------------------------------------------------------ commands

    async def test_a_command_arrives_with_its_arguments(self, harness: Harness) -> None:
        """Path, arguments, actor and place reach the core; people and channels by their ids."""
        await harness.types(MEMBER, "note send in=#circle who=@other on=2026-08-01")

        expected = {
            "in": f"#{harness.channel(CIRCLE).id}",
            "who": f"@{harness.member(OTHER).id}",
            "on": "2026-08-01",
        }
        (heard,) = harness.core.heard
        assert (SEND, expected) == (heard.command, heard.arguments)
        assert harness.member(MEMBER) == heard.actor.member
        assert not heard.actor.manages_community
        assert (harness.channel(CIRCLE), False) == (heard.place, heard.on_private)

    async def test_words_keep_their_blanks(self, harness: Harness) -> None:
        """A value of several words arrives whole, whatever it holds."""
        await harness.types(MEMBER, 'note add title="two kind <words> & a #tag" tone=soft')

        (heard,) = harness.core.heard
        assert {"title": "two kind <words> & a #tag", "tone": "soft"} == heard.arguments

    async def test_who_manages_the_community_is_told(self, harness: Harness) -> None:
        """The organiser is known by what the platform says at this moment."""
        await harness.types(ORGANISER, "greet")

        (heard,) = harness.core.heard
        assert (harness.member(ORGANISER), True) == (heard.actor.member, heard.actor.manages_community)
        assert heard.actor.name

    async def test_a_reply_is_private(self, harness: Harness) -> None:
        """Only the person who asked sees the answer, with title, footer and buttons."""
        answer = Message(plain("For you alone."), "A title", "A footer", (KEEP_IT,))
        harness.core.answers[GREET] = Reply(answer)

        await harness.types(MEMBER, "greet")

        seen = harness.answers_seen(MEMBER)[-1]
        assert all(part in seen.text for part in ("For you alone.", "A title", "A footer"))
        assert (KEEP_IT.label,) == seen.buttons
        assert [] == list(harness.answers_seen(OTHER))
        assert [] == list(harness.posts_seen(harness.channel(CIRCLE)))

    async def test_suggestions_come_from_the_core(self, harness: Harness) -> None:
        """What was typed so far reaches the core, and its choices the person."""
        offered = await harness.suggestions(MEMBER, ADD, "zone", "Ber")

        asked = harness.core.suggested[-1]
        assert ["Europe/Berlin"] == list(offered)
        assert (ADD, "zone", "Ber") == (asked.command, asked.field, asked.typed)
        assert harness.member(MEMBER) == asked.actor.member

    # ------------------------------------------------------------ files

    async def test_a_file_arrives_as_its_text(self, harness: Harness) -> None:
        """However a platform takes files in, the core is given what stands in them, blanks and lines as they are."""
        await harness.types(MEMBER, f"{FETCH} tone=soft")
        await harness.submits(MEMBER, {"file": "- a: 1\n  b: 2"})

        assert {"tone": "soft", "file": "- a: 1\n  b: 2"} == harness.core.heard[-1].arguments

    async def test_a_file_need_not_be_sent_again(self, harness: Harness) -> None:
        """A form about something else keeps it."""
        await harness.types(MEMBER, f'{FETCH} file="a: 1"')
        await harness.submits(MEMBER, {"tone": "soft"})

        assert {"tone": "soft", "file": "a: 1"} == harness.core.heard[-1].arguments

    async def test_a_file_in_a_reply_reaches_the_person(self, harness: Harness) -> None:
        """It is for them alone, as the answer is."""
        harness.core.answers[GREET] = Reply(Message(plain("Here it is."), files=(File("week.yaml", b"- a: 1\n"),)))

        await harness.types(MEMBER, "greet")

        assert "- a: 1" == (await harness.fetches(MEMBER, "week.yaml")).strip()
        assert any("Here it is." in seen.text for seen in harness.answers_seen(MEMBER))
        assert [] == list(harness.answers_seen(OTHER))
        assert [] == list(harness.posts_seen(harness.channel(CIRCLE)))

    # ------------------------------------------------------------ buttons

    async def test_a_button_of_a_post_carries_its_command(self, harness: Harness) -> None:
        """A press on a public post brings path and arguments, is answered privately, and changes nothing public."""
        circle = harness.channel(CIRCLE)
        await harness.platform.post(circle, Message(plain("For all."), buttons=(KEEP_IT,)), key="k1")
        harness.core.answers[KEEP] = Update(Message(plain("Only you read this.")))

        await harness.presses(MEMBER, KEEP_IT.label)

        (heard,) = harness.core.heard
        assert (KEEP, KEEP_IT.arguments) == (heard.command, heard.arguments)
        assert (circle, False) == (heard.place, heard.on_private)
        assert harness.member(MEMBER) == heard.actor.member
        assert "Only you read this." in harness.answers_seen(MEMBER)[-1].text
        assert ["For all."] == [seen.text for seen in harness.posts_seen(circle)]

    async def test_everyone_presses_for_themselves(self, harness: Harness) -> None:
        """The same button can be pressed again and by others."""
        message = Message(plain("For all."), buttons=(KEEP_IT,))
        await harness.platform.post(harness.channel(CIRCLE), message, key="k1")

        for name in (MEMBER, OTHER, MEMBER):
            await harness.presses(name, KEEP_IT.label)

        expected = [harness.member(name) for name in (MEMBER, OTHER, MEMBER)]
        assert expected == [heard.actor.member for heard in harness.core.heard]

    async def test_an_update_replaces_the_private_message(self, harness: Harness) -> None:
        """A press on a private answer says so, and its text gives way to the new one."""
        harness.core.answers[GREET] = Reply(Message(plain("Before."), buttons=(KEEP_IT,)))
        harness.core.answers[KEEP] = Update(Message(plain("After.")))

        await harness.types(MEMBER, "greet")
        await harness.presses(MEMBER, KEEP_IT.label)

        heard = harness.core.heard[-1]
        assert (KEEP, KEEP_IT.arguments, True) == (heard.command, heard.arguments, heard.on_private)
        assert ["After."] == [seen.text for seen in harness.answers_seen(MEMBER)]

    async def test_a_direct_message_can_be_pressed_and_updated(self, harness: Harness) -> None:
        """Buttons work where nobody else reads, and the direct message is replaced."""
        direct = Message(plain("Time for a break?"), buttons=(KEEP_IT,))
        await harness.platform.post(harness.member(MEMBER), direct, key="k1")
        harness.core.answers[KEEP] = Update(Message(plain("Rest well.")))

        await harness.presses(MEMBER, KEEP_IT.label)

        (heard,) = harness.core.heard
        assert KEEP == heard.command
        assert KEEP_IT.arguments.items() <= heard.arguments.items()
        assert (harness.member(MEMBER).id, True) == (heard.actor.member.id, heard.on_private)
        assert isinstance(heard.place, Member)
        assert ["Rest well."] == [seen.text for seen in harness.direct_seen(MEMBER)]

    # ------------------------------------------------------------ forms

    async def test_what_is_missing_is_asked_for_in_a_form(self, harness: Harness) -> None:
        """A bare command opens a form; sending it brings the same command with what was filled in."""
        await harness.types(MEMBER, "note add tone=soft")
        form = harness.form_seen(MEMBER)
        await harness.submits(MEMBER, {"title": "A walk", "words": "by the river\nand back"})

        assert form is not None
        assert ("Add a note", "soft", "") == (form.title, form.values["tone"], form.values["title"])
        heard = harness.core.heard[-1]
        assert (ADD, harness.member(MEMBER)) == (heard.command, heard.actor.member)
        assert {"title": "A walk", "tone": "soft", "words": "by the river\nand back"} == heard.arguments
        assert DONE in harness.answers_seen(MEMBER)[-1].text

    async def test_a_form_brings_back_what_it_does_not_show(self, harness: Harness) -> None:
        """A button opens a form, and the button's arguments return with it."""
        await harness.platform.post(harness.channel(CIRCLE), Message(plain("A story."), buttons=(WRITE,)), key="k1")

        await harness.presses(MEMBER, WRITE.label)
        await harness.submits(MEMBER, {"words": "You sound tired."})

        heard = harness.core.heard[-1]
        assert (ANSWER, {"row": "7", "words": "You sound tired."}) == (heard.command, heard.arguments)
        assert DONE in harness.answers_seen(MEMBER)[-1].text

    async def test_a_wrong_form_comes_back_with_its_values(self, harness: Harness) -> None:
        """The problem is said, nothing typed is lost, and the mended form is taken."""
        await harness.types(MEMBER, "note add")
        await harness.submits(MEMBER, {"title": WRONG, "words": "all that I wrote"})
        problems = harness.problems_seen(MEMBER)
        again = await harness.mends(MEMBER)
        await harness.submits(MEMBER, {"title": "Better"})

        assert PROBLEM in problems
        assert (WRONG, "all that I wrote") == (again.values["title"], again.values["words"])
        assert {"title": "Better", "words": "all that I wrote"} == harness.core.heard[-1].arguments
        assert DONE in harness.answers_seen(MEMBER)[-1].text

    async def test_a_wrong_form_keeps_what_it_does_not_show(self, harness: Harness) -> None:
        """The button's arguments survive a mistake too."""
        await harness.platform.post(harness.channel(CIRCLE), Message(plain("A story."), buttons=(WRITE,)), key="k1")
        await harness.presses(MEMBER, WRITE.label)
        await harness.submits(MEMBER, {"words": WRONG})
        await harness.mends(MEMBER)
        await harness.submits(MEMBER, {"words": "You sound tired."})

        assert {"row": "7", "words": "You sound tired."} == harness.core.heard[-1].arguments

    async def test_a_long_form_keeps_what_it_does_not_show(self, harness: Harness) -> None:
        """Eight fields are more than some platforms can show at once; none is lost."""
        known = {name: value for name, value in PLANNED.items() if name != "title"}
        await harness.types(MEMBER, f"{PLAN} {_typed(known)}")
        await harness.submits(MEMBER, {"title": "A walk"})

        assert (PLAN, PLANNED) == (harness.core.heard[-1].command, harness.core.heard[-1].arguments)
        assert DONE in harness.answers_seen(MEMBER)[-1].text

    async def test_a_wrong_field_of_a_long_form_is_shown(self, harness: Harness) -> None:
        """The eighth field can be mended as well as the first."""
        await harness.types(MEMBER, f"{PLAN} {_typed(PLANNED | {'at': WRONG})}")
        await harness.submits(MEMBER, {"at": "20:00"})

        assert PLANNED | {"at": "20:00"} == harness.core.heard[-1].arguments

    async def test_an_input_made_empty_stays_empty(self, harness: Harness) -> None:
        """What a person took out of a form is not filled in again behind their back."""
        known = {name: value for name, value in PLANNED.items() if name != "title"}
        await harness.types(MEMBER, f"{PLAN} {_typed(known)}")
        await harness.submits(MEMBER, {"title": "A walk", "words": "", "tone": "", "day": ""})

        kept = {name: value for name, value in PLANNED.items() if name not in {"words", "tone", "day"}}
        assert kept == harness.core.heard[-1].arguments

    async def test_several_are_chosen_in_one_input(self, harness: Harness) -> None:
        """They stand there as they were, and come back as one argument."""
        await harness.types(MEMBER, f"{PLAN} day=sun,mon")
        form = harness.form_seen(MEMBER)
        await harness.submits(MEMBER, {"title": "A walk", "day": "mon,thu"})

        assert form is not None
        assert "mon,sun" == ",".join(sorted(form.values["day"].split(",")))
        assert "mon,thu" == harness.core.heard[-1].arguments["day"]

    async def test_a_press_opens_another_form(self, harness: Harness) -> None:
        """At once, with what is known in it and its row beside it."""
        await harness.platform.post(harness.member(MEMBER), Message(plain("A plan."), buttons=(KEEP_IT,)), key="k1")
        harness.core.answers[KEEP] = harness.core.form(PLAN, {**PLANNED, "row": "7"})

        await harness.presses(MEMBER, KEEP_IT.label)
        form = harness.form_seen(MEMBER)
        await harness.submits(MEMBER, {"title": "A swim"})

        assert form is not None
        assert ("Plan a note", "A walk") == (form.title, form.values["title"])
        heard = harness.core.heard[-1]
        assert PLAN == heard.command
        assert {**PLANNED, "title": "A swim", "row": "7"} == heard.arguments

    # ------------------------------------------------------------ text

    async def test_a_direct_message_is_addressed(self, harness: Harness) -> None:
        """What is written to the bot reaches the core as it is, and the answer stays there."""
        harness.core.answers[ADDRESSED] = Reply(Message(plain("A card for you.")))

        await harness.writes(MEMBER, "is <anyone> there & awake?")

        (heard,) = harness.core.heard
        assert (ADDRESSED, {TEXT: "is <anyone> there & awake?"}) == (heard.command, heard.arguments)
        assert harness.member(MEMBER).id == heard.actor.member.id
        assert isinstance(heard.place, Member)
        assert "A card for you." in harness.answers_seen(MEMBER)[-1].text

    async def test_a_mention_is_not_answered_in_public(self, harness: Harness) -> None:
        """Whatever the core says to a mention, nobody else reads it."""
        harness.core.answers[ADDRESSED] = Reply(Message(plain("A card for you.")))

        await harness.mentions(MEMBER, "hello")

        texts = [seen.text for seen in harness.posts_seen(harness.channel(CIRCLE))]
        assert not [text for text in texts if "A card for you." in text]
        assert [] == list(harness.answers_seen(OTHER))

    async def test_other_messages_are_not_heard(self, harness: Harness) -> None:
        """What people say to each other never reaches the core."""
        await harness.says(OTHER, "how was your week?")
        await harness.types(MEMBER, "greet")

        assert [GREET] == [heard.command for heard in harness.core.heard]

    async def test_a_menu_brings_the_message(self, harness: Harness) -> None:
        """An entry in the menu of a message reaches the core with that message's text."""
        await harness.says(OTHER, "I could not sleep again")

        await harness.chooses(MEMBER, MIRROR_LABEL, "I could not sleep again")

        (heard,) = harness.core.heard
        assert (MIRROR, {"said": "I could not sleep again"}) == (heard.command, heard.arguments)
        assert (harness.member(MEMBER), harness.channel(CIRCLE)) == (heard.actor.member, heard.place)
        assert heard.about is not None
        assert (harness.member(OTHER), harness.channel(CIRCLE)) == (heard.about.author, heard.about.place)
        assert DONE in harness.answers_seen(MEMBER)[-1].text

    @pytest.mark.parametrize("written", [f"{HOSTILE}\n# by *the* river", LONGEST], ids=["markup", "longest"])
    async def test_a_menu_opens_a_form_with_the_message_in_it(self, harness: Harness, written: str) -> None:
        """Its text comes back with the form, beside what was drafted; a text too long for an input is shortened."""
        text = f"{(written * harness.longest)[: harness.longest - 1]}." if written == LONGEST else written
        harness.core.answers[MIRROR] = harness.core.form(DRAFT, {"said": text})
        await harness.says(OTHER, text)

        await harness.chooses(MEMBER, MIRROR_LABEL, text)
        form = harness.form_seen(MEMBER)
        await harness.submits(MEMBER, {"draft": "You sound tired."})

        chosen, sent = harness.core.heard
        said = sent.arguments["said"]
        assert form is not None
        assert ("Hold a mirror", "") == (form.title, form.values["draft"])
        assert ({"said": text}, DRAFT, "You sound tired.") == (chosen.arguments, sent.command, sent.arguments["draft"])
        assert text.startswith(said.removesuffix("…"))
        assert len(said) >= min(len(text), 2000)
        assert DONE in harness.answers_seen(MEMBER)[-1].text
        assert ([], []) == (list(harness.answers_seen(OTHER)), list(harness.posts_seen(harness.channel(CIRCLE))))

    async def test_a_message_without_text_is_chosen_too(self, harness: Harness) -> None:
        """A picture has no words: they are asked for in the form."""
        await harness.says(OTHER, "")

        await harness.chooses(MEMBER, MIRROR_LABEL, "")

        form = harness.form_seen(MEMBER)
        assert [{}] == [heard.arguments for heard in harness.core.heard]
        assert form is not None
        assert {"said": ""} == form.values

    async def test_what_is_said_about_a_message_stands_beside_it(self, harness: Harness) -> None:
        """The core is told whose message it is and where an answer belongs, which is found, changed and taken away."""
        circle, platform = harness.channel(CIRCLE), harness.platform
        await harness.says(MEMBER, "my own words")

        await harness.chooses(MEMBER, POINT_LABEL, "my own words")
        (heard,) = harness.core.heard
        assert heard.about is not None
        posted = await platform.post(heard.about.beside, Message(plain("Noted.")), key="k1")
        found = await platform.find(heard.about.beside, "k1", since=LONG_AGO)
        before = harness.posts_seen(circle)
        await platform.edit(posted, Message(plain("Noted again.")), key="k1")
        after = harness.posts_seen(circle)
        await platform.delete(posted)

        assert (POINT, {}, harness.member(MEMBER)) == (heard.command, heard.arguments, heard.about.author)
        assert (circle, posted) == (heard.about.place, found)
        assert [("Noted.", frozenset())] == [(seen.text, seen.pings) for seen in before]
        assert ["Noted again."] == [seen.text for seen in after]
        assert [] == list(harness.posts_seen(circle))

    async def test_in_a_thread_it_stands_there(self, harness: Harness) -> None:
        """With the place of the message, and its channel, told to the core."""
        await harness.replies(MEMBER, "deep inside")

        await harness.chooses(MEMBER, POINT_LABEL, "deep inside")
        (heard,) = harness.core.heard
        assert heard.about is not None
        posted = await harness.platform.post(heard.about.beside, Message(plain("Noted.")), key="k1")

        assert isinstance(heard.about.place, Thread)
        assert (harness.channel(CIRCLE), heard.place) == (heard.about.place.channel, heard.about.place)
        assert ["Noted."] == [seen.text for seen in harness.posts_seen(heard.about.place)]
        assert posted == await harness.platform.find(heard.about.beside, "k1", since=LONG_AGO)
        assert (await harness.platform.access(heard.about.beside)).post

    async def test_what_a_bot_wrote_is_nobody_s(self, harness: Harness) -> None:
        """A post can be chosen as any message, and no member is its author."""
        await harness.platform.post(harness.channel(CIRCLE), Message(plain("A *story*.")), key="k1")

        await harness.chooses(MEMBER, MIRROR_LABEL, "A *story*.")

        (heard,) = harness.core.heard
        assert {"said": "A *story*."} == heard.arguments
        assert heard.about is not None
        assert heard.about.author is None

    # ------------------------------------------------------------ posts

    async def test_a_post_is_seen_edited_and_deleted(self, harness: Harness) -> None:
        """A post says what the message says, then what its edit says, then nothing; deleting twice is fine."""
        circle = harness.channel(CIRCLE)
        message = Message(plain("First."), "A title", "A footer", (KEEP_IT,))

        posted = await harness.platform.post(circle, message, key="k1")
        first = harness.posts_seen(circle)
        await harness.platform.edit(posted, Message(plain("Second.")), key="k1")
        second = harness.posts_seen(circle)
        await harness.platform.delete(posted)
        await harness.platform.delete(posted)

        assert all(part in first[0].text for part in ("First.", "A title", "A footer"))
        assert [(KEEP_IT.label,)] == [seen.buttons for seen in first]
        assert ["Second."] == [seen.text for seen in second]
        assert [] == list(harness.posts_seen(circle))

    async def test_a_post_that_is_gone_cannot_be_edited(self, harness: Harness) -> None:
        """An edit of what is no longer there is refused for good."""
        posted = await harness.platform.post(harness.channel(CIRCLE), Message(plain("First.")), key="k1")
        await harness.platform.delete(posted)

        with pytest.raises(DeliveryError) as refused:
            await harness.platform.edit(posted, Message(plain("Second.")), key="k1")

        assert (Reason.GONE, Outcome.REFUSED) == (refused.value.reason, refused.value.outcome)

    async def test_a_post_is_pinned_and_unpinned(self, harness: Harness) -> None:
        """Pins show, go, and can be asked for twice."""
        circle = harness.channel(CIRCLE)
        posted = await harness.platform.post(circle, Message(plain("Keep in sight.")), key="k1")

        shown: list[bool] = []
        for pinned in (True, True, False, False):
            await harness.platform.pin(posted, pinned)
            shown.append(harness.posts_seen(circle)[0].pinned)

        assert [True, True, False, False] == shown

    async def test_a_thread_is_opened_once(self, harness: Harness) -> None:
        """The thread of a post is found when it exists already; posts in it are seen there and can be found."""
        posted = await harness.platform.post(harness.channel(CIRCLE), Message(plain("Talk here.")), key="k1")

        thread = await harness.platform.start_thread(posted, "Talk")
        again = await harness.platform.start_thread(posted, "Talk")
        inside = await harness.platform.post(thread, Message(plain("Inside.")), key="k2")

        assert (harness.channel(CIRCLE), thread) == (thread.channel, again)
        assert "Inside." in [seen.text for seen in harness.posts_seen(thread)]
        assert inside == await harness.platform.find(thread, "k2", since=LONG_AGO)

    async def test_a_reply_is_posted_beside_its_message(self, harness: Harness) -> None:
        """An answer to a message of a channel appears there."""
        circle = harness.channel(CIRCLE)
        posted = await harness.platform.post(circle, Message(plain("A question.")), key="k1")

        await harness.platform.post(ReplyTo(circle, posted.message), Message(plain("An answer.")), key="k2")

        assert ["A question.", "An answer."] == [seen.text for seen in harness.posts_seen(circle)]

    async def test_a_post_to_a_member_is_a_direct_message(self, harness: Harness) -> None:
        """Nobody else sees it."""
        await harness.platform.post(harness.member(MEMBER), Message(plain("Just to you.")), key="k1")

        assert ["Just to you."] == [seen.text for seen in harness.direct_seen(MEMBER)]
        assert [] == list(harness.answers_seen(OTHER))
        assert [] == list(harness.posts_seen(harness.channel(CIRCLE)))

    # ------------------------------------------------------------ pictures

    async def test_a_picture_arrives_with_its_alternative_text(self, harness: Harness) -> None:
        """Once, beside the words, and the post is found as any other."""
        circle = harness.channel(CIRCLE)
        posted = await harness.platform.post(circle, PICTURED, key="k1")

        (seen,) = harness.posts_seen(circle)
        assert ((LAKE.alternative,), (KEEP_IT.label,)) == (seen.pictures, seen.buttons)
        assert ["Look.", "Stay as long as you like."] == [line for line in seen.text.split("\n") if line]
        assert posted == await harness.platform.find(circle, "k1", since=LONG_AGO)

    async def test_a_picture_arrives_in_a_direct_message(self, harness: Harness) -> None:
        """There it has its alternative text too, and nobody else sees either."""
        posted = await harness.platform.post(harness.member(MEMBER), PICTURED, key="k1")

        assert [(LAKE.alternative,)] == [seen.pictures for seen in harness.direct_seen(MEMBER)]
        assert [] == list(harness.answers_seen(OTHER))
        assert posted == await harness.platform.find(harness.member(MEMBER), "k1", since=LONG_AGO)

    async def test_a_picture_comes_with_an_answer(self, harness: Harness) -> None:
        """What only one person sees may be a picture."""
        harness.core.answers[GREET] = Reply(PICTURED)

        await harness.types(MEMBER, "greet")

        assert [(LAKE.alternative,)] == [seen.pictures for seen in harness.answers_seen(MEMBER)]

    @pytest.mark.parametrize("direct", [False, True])
    async def test_a_picture_stays_while_the_post_has_one(self, harness: Harness, direct: bool) -> None:
        """An edit with the picture shows it once, with its newest alternative text; one without it shows none."""
        to = harness.member(MEMBER) if direct else harness.channel(CIRCLE)
        newer = replace(PICTURED, body=plain("Look again."), picture=replace(LAKE, alternative="A lake at night"))
        posted = await harness.platform.post(to, PICTURED, key="k1")

        shown: list[tuple[str, ...]] = []
        for message in (PICTURED, newer, replace(newer, picture=None)):
            await harness.platform.edit(posted, message, key="k1")
            (seen,) = harness.direct_seen(MEMBER) if direct else harness.posts_seen(harness.channel(CIRCLE))
            shown.append(seen.pictures)

        assert [(LAKE.alternative,), ("A lake at night",), ()] == shown

    # ------------------------------------------------------------ what cannot be done

    async def test_closed_direct_messages_are_told_apart(self, harness: Harness) -> None:
        """The reason is that they are closed, and there is no use in trying again."""
        harness.closes_direct(MEMBER)

        with pytest.raises(DeliveryError) as refused:
            await harness.platform.post(harness.member(MEMBER), Message(plain("Just to you.")), key="k1")

        assert (Reason.CLOSED, Outcome.REFUSED) == (refused.value.reason, refused.value.outcome)

    async def test_a_forbidden_channel_refuses(self, harness: Harness) -> None:
        """Where the bot may not post, it hears so, before and after trying."""
        circle = harness.channel(CIRCLE)
        before = await harness.platform.access(circle)
        harness.forbids(CIRCLE)

        with pytest.raises(DeliveryError) as refused:
            await harness.platform.post(circle, Message(plain("For all.")), key="k1")

        assert (Reason.FORBIDDEN, Outcome.REFUSED) == (refused.value.reason, refused.value.outcome)
        assert (before.see, before.post) == (True, True)
        assert not (await harness.platform.access(circle)).post

    async def test_a_channel_that_does_not_exist_refuses(self, harness: Harness) -> None:
        """No channel, no access, no post."""
        nowhere = harness.nowhere()

        with pytest.raises(DeliveryError) as refused:
            await harness.platform.post(nowhere, Message(plain("For all.")), key="k1")

        assert Outcome.REFUSED is refused.value.outcome
        assert refused.value.reason in {Reason.GONE, Reason.FORBIDDEN}
        assert Access() == await harness.platform.access(nowhere)

    # ------------------------------------------------------------ looking

    async def test_a_post_is_found_by_its_key(self, harness: Harness) -> None:
        """Our own post is found, also once it was edited; not by another key, not before its time, not when gone."""
        circle, find = harness.channel(CIRCLE), harness.platform.find
        await harness.platform.post(circle, Message(plain("Another.")), key="k1")
        posted = await harness.platform.post(circle, Message(plain("Wanted."), buttons=(KEEP_IT,)), key="k2")

        first = await find(circle, "k2", since=LONG_AGO)
        await harness.platform.edit(posted, Message(plain("Changed.")), key="k2")
        second = await find(circle, "k2", since=LONG_AGO)
        none = [await find(circle, "k3", since=LONG_AGO), await find(circle, "k2", since=FAR_AHEAD)]
        await harness.platform.delete(posted)

        assert [posted, posted] == [first, second]
        assert [None, None] == none
        assert await find(circle, "k2", since=LONG_AGO) is None

    async def test_what_others_write_is_not_ours(self, harness: Harness) -> None:
        """A key in somebody's message does not make it a post of the bot."""
        await harness.says(OTHER, "k1")

        assert await harness.platform.find(harness.channel(CIRCLE), "k1", since=LONG_AGO) is None

    async def test_a_direct_message_is_found_by_its_key(self, harness: Harness) -> None:
        """Direct messages carry their key as posts do."""
        posted = await harness.platform.post(harness.member(MEMBER), Message(plain("Just to you.")), key="k1")

        assert posted == await harness.platform.find(harness.member(MEMBER), "k1", since=LONG_AGO)
        assert await harness.platform.find(harness.member(OTHER), "k1", since=LONG_AGO) is None

    async def test_people_are_looked_up(self, harness: Harness) -> None:
        """Those who are there have a name; those who are not are nobody."""
        found = await harness.platform.look_up(harness.member(MEMBER))

        assert found is not None
        assert MEMBER in found.name.casefold()
        assert await harness.platform.look_up(harness.nobody()) is None

    async def test_who_can_read_a_channel_is_known(self, harness: Harness) -> None:
        """Members belong until they leave; strangers never do."""
        circle = harness.channel(CIRCLE)
        before = await harness.platform.belongs(harness.member(MEMBER), circle)
        harness.leaves(MEMBER)

        assert before
        assert not await harness.platform.belongs(harness.member(MEMBER), circle)
        assert not await harness.platform.belongs(harness.nobody(), circle)

    # ------------------------------------------------------------ safety

    async def test_hostile_text_stays_text(self, harness: Harness) -> None:
        """No mention of many is expanded, in posts, titles, buttons, edits or private answers."""
        circle = harness.channel(CIRCLE)
        hostile = Message(plain(HOSTILE), HOSTILE, plain(HOSTILE), (Button(HOSTILE[:20], KEEP, {"row": "7"}),))
        harness.core.answers[GREET] = Reply(hostile)

        posted = await harness.platform.post(circle, hostile, key="k1")
        await harness.platform.edit(posted, hostile, key="k1")
        await harness.platform.post(harness.member(MEMBER), hostile, key="k2")
        await harness.types(MEMBER, "greet")

        everything = [*harness.posts_seen(circle), *harness.answers_seen(MEMBER)]
        assert [frozenset()] * 3 == [seen.pings for seen in everything]
        assert all(word in seen.text for seen in everything for word in ("everyone", "channel", "loud", "script"))

    async def test_only_those_meant_are_notified(self, harness: Harness) -> None:
        """A mention names a person; it pings only those whom the message notifies."""
        circle, member, other = harness.channel(CIRCLE), harness.member(MEMBER), harness.member(OTHER)
        body = f"{mention(member, 'Mem')} and {mention(other, 'Oth')}"

        await harness.platform.post(circle, Message(body, notifies=(other,)), key="k1")
        await harness.platform.post(circle, Message(body), key="k2")

        assert [frozenset({OTHER}), frozenset()] == [seen.pings for seen in harness.posts_seen(circle)]

    @pytest.mark.parametrize("ping", Ping)
    async def test_a_post_calls_those_whom_it_may(self, harness: Harness, ping: Ping) -> None:
        """Nobody, those who are here, or everyone, and nobody more whatever it says; an edit keeps it so."""
        circle = harness.channel(CIRCLE)
        message = Message(HOSTILE_MARKUP, HOSTILE, HOSTILE_MARKUP, ping=ping)

        posted = await harness.platform.post(circle, message, key="k1")
        (first,) = harness.posts_seen(circle)
        await harness.platform.edit(posted, message, key="k1")
        (second,) = harness.posts_seen(circle)

        called = {Ping.NOBODY: set[str](), Ping.HERE: {"here"}, Ping.EVERYONE: {"everyone"}}[ping]
        assert called == first.pings
        assert first.text == second.text
        assert (ping is Ping.NOBODY) == first.text.startswith(HOSTILE[:15])

    async def test_what_is_private_calls_nobody(self, harness: Harness) -> None:
        """Whatever it says and whatever it asks for."""
        message = Message(HOSTILE_MARKUP, HOSTILE, HOSTILE_MARKUP, ping=Ping.EVERYONE)
        harness.core.answers[GREET] = Reply(message)

        await harness.platform.post(harness.member(MEMBER), message, key="k1")
        await harness.types(MEMBER, "greet")

        assert [frozenset(), frozenset()] == [seen.pings for seen in harness.answers_seen(MEMBER)]

    async def test_the_name_is_that_of_its_communities(self, harness: Harness) -> None:
        """Addresses say which platform they belong to."""
        assert harness.platform.name == harness.channel(CIRCLE).community.platform


class RemotePlatformContract(PlatformContract):
    """Holds on every platform behind a network too."""

    def make_harness(self) -> RemoteHarness:
        """Return a new harness, not started."""
        raise NotImplementedError

    @pytest.fixture
    async def remote(self, harness: RemoteHarness) -> RemoteHarness:
        return harness

    async def test_a_lost_answer_leaves_a_post_that_is_found(self, remote: RemoteHarness) -> None:
        """Nobody can say whether it arrived until the platform is asked; it did, once."""
        circle = remote.channel(CIRCLE)
        remote.loses_answer()

        with pytest.raises(DeliveryError) as unclear:
            await remote.platform.post(circle, Message(plain("Once."), buttons=(KEEP_IT,)), key="k1")
        found = await remote.platform.find(circle, "k1", since=LONG_AGO)

        assert Outcome.UNKNOWN is unclear.value.outcome
        assert found is not None
        assert circle == found.to
        assert ["Once."] == [seen.text for seen in remote.posts_seen(circle)]

    async def test_a_post_refused_as_too_fast_is_not_lost(self, remote: RemoteHarness) -> None:
        """Either the platform waits by itself, or it says how long to wait."""
        circle = remote.channel(CIRCLE)
        remote.hurries()

        refused = await _refused(remote.platform, circle)
        again = await _refused(remote.platform, circle) if refused else None

        assert again is None
        if refused:
            assert (Reason.TOO_FAST, Outcome.LATER) == (refused.reason, refused.outcome)
            assert refused.retry_after is not None
        assert ["Once."] == [seen.text for seen in remote.posts_seen(circle)]

    async def test_a_picture_is_uploaded_as_it_is(self, remote: RemoteHarness) -> None:
        """To channels and to members, and kept once for each post, however often that is edited."""
        for to in (remote.channel(CIRCLE), remote.member(MEMBER)):
            posted = await remote.platform.post(to, PICTURED, key="k1")
            await remote.platform.edit(posted, PICTURED, key="k1")

        assert [LAKE.bytes] * 2 == list(remote.kept())

    @pytest.mark.parametrize("direct", [False, True])
    async def test_nothing_stays_of_a_picture_that_is_gone(self, remote: RemoteHarness, direct: bool) -> None:
        """It goes with its post, and with an edit that has none."""
        to = remote.member(MEMBER) if direct else remote.channel(CIRCLE)
        edited, deleted = [await remote.platform.post(to, PICTURED, key=key) for key in ("k1", "k2")]
        await remote.platform.edit(edited, Message(plain("No more.")), key="k1")
        await remote.platform.delete(deleted)

        assert [] == list(remote.kept())

    async def test_a_picture_that_changed_is_not_left(self, remote: RemoteHarness) -> None:
        """An edit with another one shows that or none, never the old one under new words."""
        circle = remote.channel(CIRCLE)
        posted = await remote.platform.post(circle, PICTURED, key="k1")
        other = Picture(b"a wood in many colours", "image/png", "A still wood")
        await remote.platform.edit(posted, replace(PICTURED, picture=other), key="k1")

        (seen,) = remote.posts_seen(circle)
        assert LAKE.bytes not in remote.kept()
        assert seen.pictures in {(), (other.alternative,)}
        assert len(seen.pictures) == len(remote.kept())

    @pytest.mark.parametrize(("picture", "shown"), [(LAKE, (LAKE.alternative,)), (None, ())])
    async def test_a_picture_goes_with_an_update_that_has_none(
        self, remote: RemoteHarness, picture: Picture | None, shown: tuple[str, ...]
    ) -> None:
        """A direct message that was pressed shows what its update has, and nothing else is kept."""
        await remote.platform.post(remote.member(MEMBER), PICTURED, key="k1")
        remote.core.answers[KEEP] = Update(Message(plain("Rest well."), picture=picture))

        await remote.presses(MEMBER, KEEP_IT.label)

        assert [("Rest well.", shown)] == [(seen.text, seen.pictures) for seen in remote.direct_seen(MEMBER)]
        assert [LAKE.bytes] * len(shown) == list(remote.kept())

    async def test_without_its_picture_a_post_arrives_all_the_same(self, remote: RemoteHarness) -> None:
        """When no picture is taken its words arrive, once and whole, and can be edited and found."""
        circle = remote.channel(CIRCLE)
        remote.breaks_uploads()

        posted = await remote.platform.post(circle, PICTURED, key="k1")
        (first,) = remote.posts_seen(circle)
        found = await remote.platform.find(circle, "k1", since=LONG_AGO)
        await remote.platform.edit(posted, replace(PICTURED, body=plain("Look again.")), key="k1")
        (second,) = remote.posts_seen(circle)

        assert ((), (KEEP_IT.label,), posted) == (first.pictures, first.buttons, found)
        assert all(words in first.text for words in ("Look.", "Stay as long as you like."))
        assert ((), True) == (second.pictures, second.text.startswith("Look again."))
        assert [] == list(remote.kept())

    async def test_without_history_nobody_can_look(self, remote: RemoteHarness) -> None:
        """Not being able to look is not the same as finding nothing."""
        remote.hides_history(CIRCLE)

        with pytest.raises(CannotLookError):
            await remote.platform.find(remote.channel(CIRCLE), "k1", since=LONG_AGO)


def _typed(arguments: Mapping[str, str]) -> str:
    return " ".join(f'{name}="{value}"' for name, value in arguments.items())


async def _refused(platform: Platform, circle: Channel) -> DeliveryError | None:
    try:
        await platform.post(circle, Message(plain("Once.")), key="k1")
    except DeliveryError as error:
        return error
    return None
