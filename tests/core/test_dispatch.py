"""The one way in: find, authorise, guard, read, run, and turn every failure into a kind private answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest
from structlog.testing import capture_logs

from bot.content import load_content
from bot.core.commands import Answer as Answered
from bot.core.commands import Call, Mistake, Open, Refusal, command
from bot.core.content import Content
from bot.core.direct import COMMUNITY
from bot.core.dispatch import Dispatch
from bot.core.feature import KEEPS_NOTHING, Feature
from bot.core.forms import Country, Date, Flag, Form, Mark, RowId, Time, Zone
from bot.core.held import Held
from bot.core.port import (
    ADDRESSED,
    FILLED,
    HELD,
    TEXT,
    TYPED,
    Actor,
    Address,
    Ask,
    Button,
    Choice,
    Community,
    Event,
    Invocation,
    Kind,
    Member,
    MemberGone,
    Message,
    Pointed,
    Reply,
    ReplyTo,
    Response,
    Role,
    Shown,
    Update,
)
from bot.core.text import read_as_text
from tests.fakes import CIRCLE, HERE, START, FakeClock, FakeDirectory, actor, words_for

CORE = load_content(Path(__file__).parents[2] / "content", {"core": Content}).of("core", Content, "en")
SAYS = {f"core.{name}": sentence for name, sentence in CORE.says.items()}
MIA, NOAH, OLA = actor("mia"), actor("noah"), actor("ola", manages=True)
ALONE = Actor(Member(Community("fake", ""), "mia"), "mia")
"""Mia in a direct message that carries no community."""
SECRET = "the words of mia"
DESPAIR = "no way out"
WORRIED = Message("Are you worried?", buttons=(Button("Reach out", "note list"),))
OFFER = Message("Here is support.", buttons=(Button("Call", "support"),))


class Nothing(Form):
    """No input."""


class Note(Form):
    """A note of one's own."""

    text: Annotated[str, Mark(Kind.TEXT, longest=20, personal=True)]
    tone: Annotated[Literal["soft", "clear"], Mark(Kind.CHOICE)] = "soft"
    count: Annotated[int, Mark(Kind.NUMBER, lowest=1, highest=9)] = 1


class Answer(Form):
    """Words about a row."""

    row: RowId
    words: Annotated[str, Mark(Kind.PARAGRAPH, longest=20, personal=True)]


class Plan(Form):
    """What to plan, and where one lives."""

    what: Annotated[str, Mark(Kind.TEXT, suggests=True)]
    zone: Zone = "UTC"
    country: Country | None = None


class Week(Form):
    """More than a form of five inputs shows, some of it a person's own words."""

    row: RowId
    what: Annotated[str, Mark(Kind.TEXT)]
    words: Annotated[str, Mark(Kind.PARAGRAPH, personal=True)] = ""
    day: Annotated[tuple[Literal["mon", "tue", "thu"], ...], Mark(Kind.CHOICES)] = ()
    time: Time | None = None
    until: Date | None = None
    loud: Flag = False


class Mirror(Form):
    """A message that somebody points at."""

    said: Annotated[str, Mark(Kind.MESSAGE)]


class Draft(Form):
    """A message again, and what somebody would answer."""

    said: Annotated[str, Mark(Kind.MESSAGE)]
    draft: Annotated[str, Mark(Kind.PARAGRAPH, longest=40, personal=True)]


class House:
    """A core over a few commands, and people who use it."""

    def __init__(self) -> None:
        self.clock = FakeClock(START)
        self.directory = FakeDirectory()
        self.ran: list[tuple[Form, Call]] = []
        """Every form that reached a handler."""
        self.guarded: list[str] = []
        """Every text that the guard saw."""
        self.guarded_others: list[str] = []
        """Every text that the guard about others saw."""
        self.observed: list[Event] = []
        self.answer: Answered | Exception = Reply(Message("Done."))
        """What handlers answer, or raise."""
        features = self._features()
        commands = [each for feature in features for each in feature.commands]
        words = words_for(commands, SAYS)
        self.core = Dispatch(features, self.directory, words, self.clock, Held(self.clock))

    def _features(self) -> list[Feature]:
        async def observe(event: Event) -> None:
            self.observed.append(event)

        async def stumble(_: Event) -> None:
            raise RuntimeError(SECRET)

        async def guard(text: str, _: Call) -> Message | None:
            self.guarded.append(text)
            return OFFER if DESPAIR in text else None

        async def guard_about_others(text: str, _: Call) -> Message | None:
            self.guarded_others.append(text)
            return WORRIED if DESPAIR in text else None

        async def things(typed: str, _: Call) -> Sequence[Choice]:
            return [Choice(f"{typed}{number}", str(number)) for number in range(40)]

        nothing = self._handler(Nothing)
        members = (
            command("note add", Note, self._handler(Note)),
            command("note list", Nothing, nothing),
            command("note answer", Answer, self._handler(Answer), shown=Shown.HIDDEN),
            command("note mirror", Mirror, self._handler(Mirror), shown=Shown.MENU),
            command("reflect draft", Draft, self._handler(Draft), shown=Shown.HIDDEN),
            command("milestone show", Nothing, nothing),
            command("practice", Nothing, nothing),
            command("help", Nothing, nothing, anywhere=True, needs_community=False),
            command("support", Nothing, nothing, anywhere=True, needs_community=False),
        )
        leaders = (
            command("plan add", Plan, self._handler(Plan), role=Role.LEADER, suggest={"what": things}),
            command("plan list", Nothing, nothing, role=Role.LEADER),
            command("plan week", Week, self._handler(Week), role=Role.LEADER, shown=Shown.HIDDEN),
            command("rule set", Nothing, nothing, role=Role.ORGANISER),
        )
        return [
            Feature("stumbling", KEEPS_NOTHING, observe=stumble),
            Feature(
                "members",
                KEEPS_NOTHING,
                members,
                guards=(guard,),
                guards_about_others=(guard_about_others,),
                observe=observe,
            ),
            Feature("leaders", KEEPS_NOTHING, leaders),
        ]

    def _handler(self, form: type[Form]):  # noqa: ANN202  the type that `command` wants is inferred
        async def handle(filled: Form, call: Call) -> Answered:
            assert isinstance(filled, form)
            self.ran.append((filled, call))
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return handle

    async def types(self, line: str, who: Actor = MIA, place: Address = CIRCLE) -> Response:
        return await self.core.invoke(Invocation(TYPED, {TEXT: line}, who, place))

    async def writes(self, text: str, who: Actor = MIA) -> Response:
        return await self.core.invoke(Invocation(ADDRESSED, {TEXT: text}, who, who.member))

    async def uses(self, path: str, who: Actor = MIA, **arguments: str) -> Response:
        """Use a command as a button of a private message does."""
        return await self.core.invoke(Invocation(path, arguments, who, who.member, on_private=True))

    async def presses(self, button: Button, who: Actor = MIA) -> Response:
        return await self.uses(button.command, who, **button.arguments)

    async def presses_publicly(self, path: str, **arguments: str) -> Response:
        return await self.core.invoke(Invocation(path, arguments, MIA, CIRCLE))

    async def submits(self, ask: Ask, who: Actor = MIA, **filled: str) -> Response:
        return await self.uses(ask.command, who, **{**ask.hidden, **filled})

    async def sends(self, ask: Ask, who: Actor = MIA, **filled: str) -> Response:
        """Send a form that shows these inputs alone."""
        return await self.uses(ask.command, who, **{**ask.carried(filled), **filled})

    @property
    def forms(self) -> list[Form]:
        """Return every form that reached a handler."""
        return [form for form, _ in self.ran]


def asked(response: Response) -> Ask:
    assert isinstance(response, Ask), response
    return response


def said(response: Response) -> str:
    assert isinstance(response, Reply | Update), response
    return read_as_text(response.message.body)


def buttons(response: Response) -> tuple[Button, ...]:
    assert isinstance(response, Reply | Update), response
    return response.message.buttons


def mend(ask: Ask) -> Button:
    """Return the button that platforms show when a form cannot follow now."""
    return Button("Mend it", ask.command, {**ask.hidden, HELD: ask.held})


@pytest.fixture
def house() -> House:
    """Give a core of one's own."""
    return House()


# ---------------------------------------------------------------- finding and running


async def test_a_line_a_button_and_a_form_are_the_same_command(house: House) -> None:
    """However it came in, the handler is given the same values."""
    await house.types('note add text="hello there" tone=clear')
    await house.uses("note add", text="hello there", tone="clear")
    await house.presses_publicly("note add", text=" hello  there\n", tone="Clear", count="")

    assert [Note.model_construct(text="hello there", tone="clear", count=1)] * 3 == house.forms


async def test_a_handler_is_told_who_where_when_and_how_to_answer(house: House) -> None:
    """The call holds the person, the place, their role, language, zone and the hour."""
    house.directory.zone = "Asia/Kathmandu"
    house.directory.roles["mia"] = Role.LEADER
    await house.types("note list")

    assert [Call(MIA, CIRCLE, Role.LEADER, "en", "Asia/Kathmandu", START)] == [call for _, call in house.ran]


async def test_the_catalogue_is_in_order_and_whole(house: House) -> None:
    """Platforms see every command by its path, hidden ones included."""
    paths = [entry.path for entry in house.core.catalogue]

    assert sorted(paths) == paths
    assert {"note answer", "note mirror", "rule set"} <= set(paths)
    assert {"help", "support"} == {entry.path for entry in house.core.catalogue if entry.anywhere}


async def test_nothing_typed_is_help(house: House) -> None:
    """The bare command shows the doors."""
    assert said(await house.types("")) == said(await house.types("   ")) == "Done."
    assert ["Nothing", "Nothing"] == [type(form).__name__ for form in house.forms]


async def test_the_beginning_of_a_path_shows_where_it_goes_on(house: House) -> None:
    """`note` lists its commands with their summaries and buttons; hidden and menu ones are not among them."""
    response = await house.types("note")

    assert said(response) == "• note add: Summary of note add\n• note list: Summary of note list"
    assert ["note add", "note list", "support"] == [button.command for button in buttons(response)]
    assert house.ran == []


async def test_a_menu_is_for_those_who_may_use_it(house: House) -> None:
    """A member is told who may, instead of being shown what they may not use."""
    assert said(await house.types("plan")).startswith("This is for the group's leaders.")

    house.directory.roles["mia"] = Role.LEADER
    assert "plan add" in said(await house.types("plan"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("nonsense", "I don't know that one."),
        ("nota ad", "Did you mean note add?"),
        ('note add text="open', "A quotation mark is open in that line."),
        ("note add colour=red", "I don't know colour here. I know these: text, tone, count."),
        ("note list please", "That is more than I can use here."),
        ("note answer 7 hello", "I don't know that one."),
    ],
)
async def test_a_line_that_cannot_be_read_is_answered_privately(house: House, line: str, expected: str) -> None:
    """A mistyped line gets one sentence, and nothing runs."""
    response = await house.types(line)

    assert isinstance(response, Reply)
    assert expected in said(response) or line.startswith("note answer")
    assert house.ran == []


async def test_a_button_of_another_time_says_so(house: House) -> None:
    """Unknown commands and unknown arguments of old buttons are answered kindly, and nothing runs."""
    unknown = await house.uses("note burn", row="7")
    changed = await house.uses("note add", text="hello", colour="red")
    broken = await house.uses("note answer", row="seven", words="hello")

    assert said(unknown).startswith("I don't know that one.")
    assert said(changed).startswith("This button is from an older message")
    assert said(broken).startswith("This button is from an older message")
    assert house.ran == []


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize(
    ("line", "who", "role", "allowed"),
    [
        ("note list", MIA, Role.ANYONE, True),
        ("plan list", MIA, Role.ANYONE, False),
        ("plan list", MIA, Role.LEADER, True),
        ("plan list", OLA, Role.ANYONE, True),
        ("rule set", MIA, Role.LEADER, False),
        ("rule set", OLA, Role.ANYONE, True),
    ],
)
async def test_roles_include_the_lower_ones(house: House, line: str, who: Actor, role: Role, allowed: bool) -> None:
    """Anyone, leaders and organisers each may use their own commands and those below."""
    house.directory.roles[who.member.id] = role
    response = await house.types(line, who)

    assert allowed == (said(response) == "Done.") == bool(house.ran)


async def test_the_role_is_decided_at_the_moment_of_use(house: House) -> None:
    """Who lost a role between opening a form and sending it may no longer send it."""
    house.directory.roles["mia"] = Role.LEADER
    ask = asked(await house.types("plan add"))
    house.directory.roles["mia"] = Role.ANYONE

    assert said(await house.submits(ask, what="tea")).startswith("This is for the group's leaders.")
    assert said(await house.presses(mend(ask))).startswith("This is for the group's leaders.")
    assert house.ran == []


async def test_a_wrong_role_is_told_before_anything_is_asked(house: House) -> None:
    """Nobody fills in a form only to be refused."""
    assert isinstance(await house.types("plan add zone=nowhere"), Reply)


# ---------------------------------------------------------------- asking


async def test_what_is_missing_is_asked_for_without_reproach(house: House) -> None:
    """A command without its fields opens an empty form with nothing marked wrong."""
    ask = asked(await house.types("note add"))

    assert ("note add", "Title of note add") == (ask.command, ask.title)
    assert ["text", "tone", "count"] == [field.name for field in ask.fields]
    assert ({}, {}, {}) == (ask.known, ask.problems, ask.hidden)
    assert [True, False, False] == [field.required for field in ask.fields]


async def test_an_input_left_blank_is_said_to_be_needed(house: House) -> None:
    """Whoever sends an empty form is told what is missing in it."""
    ask = asked(await house.uses("note add", text="  ", tone=""))

    assert ({}, {"text": "This is still needed."}) == (ask.known, ask.problems)


async def test_what_is_wrong_is_asked_for_again_with_what_was_right(house: House) -> None:
    """A form comes back refilled, and each mistake says how to mend it."""
    ask = asked(await house.types("note add tone=loud count=10"))

    assert {"tone": "loud", "count": "10"} == ask.known
    assert {
        "text": "This is still needed.",
        "tone": "Please choose one of those offered.",
        "count": "Please choose a number from 1 to 9.",
    } == ask.problems


async def test_what_a_button_brought_travels_with_the_form(house: House) -> None:
    """Hidden arguments have no input and come back with the submission."""
    ask = asked(await house.uses("note answer", row="7"))

    assert ({"row": "7"}, ["words"]) == (ask.hidden, [field.name for field in ask.fields])

    await house.submits(ask, words="I hear you")
    assert [Answer.model_construct(row=7, words="I hear you")] == house.forms


async def test_a_text_that_is_too_long_keeps_its_place(house: House) -> None:
    """Nothing of 5,000 characters is lost: the input has room for them, and the problem says how many fit."""
    long = "x" * 5000
    ask = asked(await house.uses("note add", text=long))

    assert {"text": "This is 5000 characters long; 20 fit. Please shorten it."} == ask.problems
    assert (long, None) == (ask.known["text"], ask.fields[0].longest)


async def test_a_handler_may_find_a_field_wrong(house: House) -> None:
    """What only the handler can know comes back as a problem of its field, refilled."""
    house.answer = Mistake("text", "core.line_unknown_near", near="tea")
    ask = asked(await house.types("note add text=toa count=2"))

    assert {"text": "I don't know that one. Did you mean **tea**? Type `help` to see what I can do."} == ask.problems
    assert {"text": "toa", "count": "2"} == ask.known


async def test_a_problem_without_words_of_its_own_still_has_words(house: House) -> None:
    """A mistake whose sentence nobody wrote is told in general words."""
    house.answer = Mistake("text", "nobody.wrote_this")

    assert {"text": "I can't use this. Please try it another way."} == asked(await house.types("note add x")).problems


# ---------------------------------------------------------------- text in hand


async def test_mend_it_opens_the_form_again_refilled(house: House) -> None:
    """The button brings back everything that was typed, and marks nothing wrong until it is sent."""
    ask = asked(await house.uses("note answer", row="7", words="x" * 30))
    again = asked(await house.presses(mend(ask)))

    assert ({"words": "x" * 30}, {}, {"row": "7"}) == (again.known, again.problems, again.hidden)
    assert again.fields[0].longest is None
    assert house.ran == []


async def test_mend_it_works_for_its_owner_only(house: House) -> None:
    """Somebody else who presses is given an empty form."""
    ask = asked(await house.uses("note answer", row="7", words=SECRET * 3))

    assert {} == asked(await house.presses(mend(ask), NOAH)).known


async def test_after_fifteen_minutes_it_is_asked_for_again(house: House) -> None:
    """What was in hand is gone; the form is empty, and nobody is blamed."""
    ask = asked(await house.uses("note answer", row="7", words="x" * 30))
    house.clock.move(START + timedelta(minutes=15))
    again = asked(await house.presses(mend(ask)))

    assert ({}, {}, {"row": "7"}) == (again.known, again.problems, again.hidden)


async def test_what_is_in_hand_fits_a_button(house: House) -> None:
    """Buttons carry a token, never what was typed."""
    ask = asked(await house.uses("note answer", row="7", words=SECRET * 3))

    assert not [value for value in mend(ask).arguments.values() if SECRET in value]
    assert len(ask.held) <= 12


async def test_only_row_ids_travel_with_a_form(house: House) -> None:
    """What a form does not show is fetched from hand: platforms read what buttons and forms carry."""
    ask = asked(await house.uses("plan week", OLA, row="7", words=SECRET, until="soon"))

    assert ({"row": "7"}, {"row": "7", FILLED: ask.held}) == (ask.hidden, ask.carried({"what", "until"}))
    assert {"row": "7"} == ask.carried({"what", "until", "words"})


async def test_a_form_is_put_together_with_what_it_did_not_show(house: House) -> None:
    """Nothing that was said before is lost, and nothing has to be said again."""
    ask = asked(await house.uses("plan week", OLA, row="7", words=SECRET, day="thu, Monday", until="soon"))
    await house.sends(ask, OLA, what="tea", until="2027-01-31")

    (week,) = house.forms
    assert isinstance(week, Week)
    assert (7, "tea", SECRET, ("mon", "thu")) == (week.row, week.what, week.words, week.day)


async def test_what_a_form_shows_and_somebody_empties_is_empty(house: House) -> None:
    """Also when it is still in hand."""
    ask = asked(await house.uses("plan week", OLA, row="7", words=SECRET, until="2027-01-31"))
    await house.sends(ask, OLA, what="tea", until="")

    (week,) = house.forms
    assert isinstance(week, Week)
    assert (SECRET, None) == (week.words, week.until)


async def test_a_form_that_comes_too_late_is_asked_for_again_with_what_it_held(house: House) -> None:
    """What was in hand is gone after 15 minutes or a restart; a sentence says so, and nothing runs by half."""
    ask = asked(await house.uses("plan week", OLA, row="7", words=SECRET))
    house.clock.move(START + timedelta(minutes=15))
    again = asked(await house.sends(ask, OLA, what="tea"))

    assert ({"what": "tea"}, {"row": "7"}, {}) == (again.known, again.hidden, again.problems)
    assert again.note.startswith("Part of what you filled in before is no longer in my hands")
    assert house.ran == []
    await house.sends(again, OLA, what="tea")
    assert 1 == len(house.ran)


async def test_nobody_sends_what_another_has_in_hand(house: House) -> None:
    """A form's token is worth nothing from somebody else."""
    house.directory.roles["noah"] = Role.LEADER
    ask = asked(await house.uses("plan week", OLA, row="7", words=SECRET))

    assert SECRET not in str(asked(await house.sends(ask, NOAH, what="tea")))


async def test_a_form_is_refilled_as_pickers_spell_it(house: House) -> None:
    """What people may type in many ways, pickers know in one; what is wrong stays as it was typed."""
    ask = asked(await house.uses("plan week", OLA, row="7", day="Thursday; mon", time="7:05", until="today", loud="ON"))
    wrong = asked(await house.uses("plan week", OLA, row="7", day="sun", time="7pm"))

    assert {"day": "mon,thu", "time": "07:05", "until": "2026-10-21", "loud": "yes"} == ask.known
    assert {"day": "sun", "time": "7pm"} == wrong.known
    assert "Please choose from these, with commas between them: mon, tue, thu." == wrong.problems["day"]


# ---------------------------------------------------------------- one command opens another


async def test_a_command_opens_the_form_of_another(house: House) -> None:
    """What is known is filled in, row ids travel with it, and sending it runs the other command."""
    house.answer = Open("plan week", {"row": "7", "what": "tea", "day": "mon", "words": ""}, "It was changed.")
    ask = asked(await house.uses("plan list", OLA))
    house.answer = Reply(Message("Done."))
    await house.submits(ask, OLA, what="cake", day="mon")

    assert ("plan week", "Title of plan week", "It was changed.") == (ask.command, ask.title, ask.note)
    assert ({"what": "tea", "day": "mon"}, {}, {"row": "7"}) == (ask.known, ask.problems, ask.hidden)
    assert Week(row="7", what="cake", day="mon") == house.forms[-1]  # pyright: ignore[reportArgumentType]  marks read what people type


async def test_opening_another_s_form_asks_for_its_role(house: House) -> None:
    """A form is shown only to those who could send it."""
    house.answer = Open("plan week", {"row": "7"})

    assert said(await house.uses("note list")).startswith("This is for the group's leaders.")


async def test_a_form_cannot_be_opened_with_what_it_does_not_have(house: House) -> None:
    """Such a mistake in the code is an accident like any other."""
    house.answer = Open("plan week", {"row": "7", "colour": "red"})
    with capture_logs() as logs:
        assert said(await house.uses("plan list", OLA)).startswith("Something went wrong on my side")

    assert ["LookupError"] == [entry["error"] for entry in logs]


async def test_a_form_that_another_command_opens_stays_in_its_community(house: House) -> None:
    """A button on a direct message opens a form that knows what it is about."""
    house.directory.knows("mia", "north")
    house.directory.roles["mia"] = Role.LEADER
    house.answer = Open("plan week", {"row": "7", "what": "tea"})
    ask = asked(await house.uses("plan list", ALONE))

    assert {"row": "7", COMMUNITY: "1"} == ask.hidden


async def test_the_directory_is_asked_once(house: House) -> None:
    """One answer takes one look at who somebody is."""
    await house.types("note list")

    assert [1, 1] == [len(house.directory.asked_role), len(house.directory.asked_reader)]


# ---------------------------------------------------------------- guards


async def test_a_guard_sees_a_person_s_own_words_and_nothing_else(house: House) -> None:
    """Ids, choices and numbers are none of its business."""
    await house.uses("note add", text="my words", tone="clear", count="3")
    await house.uses("note answer", row="7", words="more words")
    await house.uses("note mirror", said="their words")
    await house.types("note list")

    assert ["my words", "more words"] == house.guarded


async def test_a_guard_s_offer_comes_first(house: House) -> None:
    """Support is offered before anything runs, also when the form is not right yet."""
    response = await house.uses("note answer", row="7", words=f"{DESPAIR} {'x' * 50}")

    assert said(response) == "Here is support."
    assert ["Call", "Not now, go on"] == [button.label for button in buttons(response)]
    assert house.ran == []


async def test_going_on_after_an_offer_runs_what_was_meant(house: House) -> None:
    """One press carries on with what was typed, without asking or offering again."""
    offer = await house.uses("note answer", row="7", words=DESPAIR)
    await house.presses(buttons(offer)[-1])

    assert [Answer.model_construct(row=7, words=DESPAIR)] == house.forms
    assert [DESPAIR] == house.guarded
    assert not [value for value in buttons(offer)[-1].arguments.values() if DESPAIR in value]


async def test_going_on_too_late_asks_again(house: House) -> None:
    """After 15 minutes the words are gone, and the form opens empty."""
    offer = await house.uses("note answer", row="7", words=DESPAIR)
    house.clock.move(START + timedelta(minutes=15))
    again = asked(await house.presses(buttons(offer)[-1]))

    assert ({}, {}, {"row": "7"}) == (again.known, again.problems, again.hidden)


async def test_a_message_somebody_points_at_has_guards_of_its_own(house: House) -> None:
    """Before any form is opened, privately, and with the way on; what they write of their own is looked at as ever."""
    house.answer = Open("reflect draft", {"said": DESPAIR})
    offer = await house.uses("note mirror", said=DESPAIR)
    form = asked(await house.presses(buttons(offer)[-1]))
    house.answer = Reply(Message("Done."))
    own = await house.submits(form, said=DESPAIR, draft=f"me too, {DESPAIR}")
    done = await house.presses(buttons(own)[-1])

    assert ["Are you worried?", "Here is support.", "Done."] == [said(each) for each in (offer, own, done)]
    assert ["Reach out", "Not now, go on", "Get support"] == [button.label for button in buttons(offer)]
    assert {"said": DESPAIR} == form.known
    assert ([DESPAIR], [f"me too, {DESPAIR}"]) == (house.guarded_others, house.guarded)
    assert not [value for button in buttons(offer) for value in button.arguments.values() if DESPAIR in value]


async def test_one_offer_is_made_for_one_message(house: House) -> None:
    """The form that follows may come back wrong and be sent again: nobody is stopped a second time."""
    house.answer = Open("reflect draft", {"said": DESPAIR})
    form = asked(await house.presses(buttons(await house.uses("note mirror", said=DESPAIR))[-1]))
    house.answer = Reply(Message("Done."))
    wrong = asked(await house.submits(form, said=DESPAIR, draft="x" * 50))
    again = asked(await house.presses(mend(wrong)))
    await house.submits(again, said=DESPAIR, draft="I hear you")

    assert [DESPAIR] == house.guarded_others
    assert [Draft(said=DESPAIR, draft="I hear you")] == house.forms[-1:]


@pytest.mark.parametrize(("author", "theirs"), [(MIA, True), (ALONE, True), (NOAH, False), (None, False)])
async def test_a_message_of_one_s_own_is_looked_at_as_one_s_own(
    house: House, author: Actor | None, theirs: bool
) -> None:
    """Support is for its writer; how to be there for somebody else is for all others, and where nobody knows."""
    about = Pointed(CIRCLE, "m1", author.member if author else None, ReplyTo(CIRCLE, "m1"))
    offer = await house.core.invoke(Invocation("note mirror", {"said": DESPAIR}, MIA, CIRCLE, about=about))
    await house.presses(buttons(offer)[1])

    assert ("Here is support." if theirs else "Are you worried?") == said(offer)
    assert ([DESPAIR], []) == ((house.guarded, house.guarded_others)[:: 1 if theirs else -1])
    assert [(about, True)] == [(call.about, call.offered) for _, call in house.ran]


async def test_which_message_was_meant_is_told_to_the_handler(house: House) -> None:
    """With the choice alone: a button that follows has to know by itself."""
    about = Pointed(CIRCLE, "m1", NOAH.member, ReplyTo(CIRCLE, "m1"))
    await house.core.invoke(Invocation("note mirror", {"said": "hello"}, MIA, CIRCLE, about=about))
    await house.uses("note list")

    assert [about, None] == [call.about for _, call in house.ran]


async def test_nobody_goes_on_for_somebody_else(house: House) -> None:
    """The button of an offer is worth nothing in another hand."""
    offer = await house.uses("note answer", row="7", words=DESPAIR)

    assert {} == asked(await house.presses(buttons(offer)[-1], NOAH)).known


# ---------------------------------------------------------------- answers


async def test_an_update_is_for_private_messages_only(house: House) -> None:
    """Pressed on a public message, it becomes a private reply of the same words."""
    house.answer = Update(Message("Changed."))

    assert isinstance(await house.uses("note list"), Update)
    public = await house.presses_publicly("note list")
    assert isinstance(public, Reply)
    assert said(public) == "Changed."


async def test_support_is_one_press_away(house: House) -> None:
    """Every answer has the button, once."""
    plain = await house.types("note list")
    house.answer = Reply(Message("Numbers.", buttons=(Button("Support", "support"), Button("More", "note list"))))
    own = await house.types("note list")

    assert [Button("Get support", "support")] == list(buttons(plain))
    assert ["Support", "More"] == [button.label for button in buttons(own)]
    assert buttons(await house.types("nonsense"))[-1].command == "support"


async def test_a_refusal_is_a_kind_sentence(house: House) -> None:
    """A handler's no is told in the words of its key, with its values."""
    house.answer = Refusal("core.line_unknown_near", near="**tea**")

    assert "Did you mean **tea**?" in said(await house.types("note list"))


@pytest.mark.parametrize("error", [RuntimeError(SECRET), KeyError(SECRET), ValueError(SECRET)])
async def test_an_accident_is_answered_kindly_and_logged_without_words(house: House, error: Exception) -> None:
    """The person is told that nothing changed; the log says where it happened, and nothing that they wrote."""
    house.answer = error
    with capture_logs() as logs:
        response = await house.types(f'note add text="{SECRET}"')

    assert said(response).startswith("Something went wrong on my side, and I'm sorry.")
    (entry,) = logs
    assert ("error", type(error).__name__) == (entry["log_level"], entry["error"])
    assert "test_dispatch.py:" in entry["where"]
    assert SECRET not in str(logs)


async def test_an_accident_in_finding_out_who_asks_is_answered_too() -> None:
    """Also when the house itself is in trouble, there is an answer and no trace back."""

    class Broken(FakeDirectory):
        async def role(self, actor: Actor) -> Role:
            raise ConnectionError(actor.name)

    clock = FakeClock(START)
    core = Dispatch((), Broken(), words_for((), SAYS), clock, Held(clock))
    with capture_logs() as logs:
        response = await core.invoke(Invocation(ADDRESSED, {TEXT: SECRET}, MIA, MIA.member))

    assert said(response).startswith("Something went wrong on my side")
    assert SECRET not in str(logs)


async def test_a_note_that_waited_is_told_once(house: House) -> None:
    """What could not be sent directly is said below the next answer, and then never again."""
    await house.directory.leave_note(MIA.member, "core.note_closed")
    house.answer = Reply(Message("Done.", footer="Small print."))
    first, second = await house.types("note list"), await house.types("note list")

    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert read_as_text(first.message.footer).startswith("Small print.\nA private message from me could not reach you")
    assert second.message.footer == "Small print."


async def test_a_note_waits_for_an_answer_that_can_hold_it(house: House) -> None:
    """A form has no place for it, so it is not used up."""
    await house.directory.leave_note(MIA.member, "core.note_closed")
    asked(await house.types("note add"))

    response = await house.types("note list")
    assert isinstance(response, Reply)
    assert read_as_text(response.message.footer).startswith("A private message from me")


# ---------------------------------------------------------------- what is addressed to the bot


@pytest.mark.parametrize("text", ["hello", "how are you?", "note", "", "help me please", "note list of mine", 'say "'])
async def test_what_is_no_command_line_gets_the_fixed_card(house: House, text: str) -> None:
    """Nobody reads this chat, and these are the doors."""
    response = await house.writes(text)

    assert said(response) == "I'm a bot. Nobody reads this chat.\nThese doors are open:"
    assert ["support", "practice", "milestone show"] == [button.command for button in buttons(response)]
    assert house.ran == []


async def test_a_command_line_written_to_the_bot_runs(house: House) -> None:
    """A direct message may be a command, and asks for what is missing like any other."""
    await house.writes("note add text=hello")
    await house.writes("HELP")

    assert ["Note", "Nothing"] == [type(form).__name__ for form in house.forms]
    assert ["text", "tone", "count"] == [field.name for field in asked(await house.writes("note add")).fields]


async def test_words_of_despair_come_before_everything(house: House) -> None:
    """Support is offered first, whether or not the text is a command."""
    for text in (f"there is {DESPAIR}", f'note add text="{DESPAIR}"', f"help {DESPAIR}"):
        assert said(await house.writes(text)) == "Here is support."

    assert house.ran == []


# ---------------------------------------------------------------- direct messages without a community


async def test_the_only_community_that_knows_somebody_is_meant(house: House) -> None:
    """A command in a direct message runs in the one community that keeps something about the person."""
    house.directory.knows("mia", "north")
    await house.writes("note list", ALONE)
    await house.uses("note answer", ALONE, row="7", words="hello")

    assert [Member(Community("fake", "north"), "mia")] * 2 == [call.member for _, call in house.ran]


async def test_the_role_in_a_direct_message_is_that_of_the_community(house: House) -> None:
    """Who is asked about is the member of the community that was found."""
    house.directory.knows("mia", "north")
    house.directory.roles["mia"] = Role.LEADER
    await house.writes("plan list", ALONE)

    assert [Role.LEADER] == [call.role for _, call in house.ran]
    assert Member(Community("fake", "north"), "mia") == house.directory.asked_role[-1].member


async def test_who_has_left_a_community_leads_it_no_more_by_direct_message(house: House) -> None:
    """A direct message shows no membership, so the platform is asked before anything a leader does."""
    house.directory.knows("mia", "north")
    house.directory.roles["mia"] = Role.LEADER
    house.directory.gone.add(Member(Community("fake", "north"), "mia"))

    answer = said(await house.writes("plan list", ALONE))

    assert "This is for the group's leaders" in answer
    assert house.ran == []


async def test_nobody_knows_somebody_yet(house: House) -> None:
    """Where no community is known, a command that needs one says so, and the others work."""
    assert said(await house.writes("note list", ALONE)).startswith("I don't know yet which community you mean")
    assert house.ran == []

    await house.writes("help", ALONE)
    assert [ALONE.member] == [call.member for _, call in house.ran]


async def test_among_several_communities_the_person_chooses(house: House) -> None:
    """They are named, numbered, and one press carries on there."""
    house.directory.knows("mia", "north", "south")
    response = await house.writes("note list", ALONE)

    assert said(response) == "Which community is this about?\n1. north\n2. south"
    assert ["1", "2", "Get support"] == [button.label for button in buttons(response)]
    assert house.ran == []

    await house.presses(buttons(response)[1], ALONE)
    assert ["south"] == [call.member.community.id for _, call in house.ran]


async def test_choosing_a_community_carries_what_was_typed_in_hand(house: House) -> None:
    """What was typed is not typed again, and stands in no button."""
    house.directory.knows("mia", "north", "south")
    response = await house.uses("note answer", ALONE, row="7", words=SECRET)

    for button in buttons(response):
        assert SECRET not in str(button.arguments)

    await house.presses(buttons(response)[0], ALONE)
    assert [Answer.model_construct(row=7, words=SECRET)] == house.forms
    assert ["north"] == [call.member.community.id for _, call in house.ran]


async def test_choosing_a_community_too_late_asks_again(house: House) -> None:
    """After 15 minutes the form opens empty, in the community that was chosen."""
    house.directory.knows("mia", "north", "south")
    response = await house.uses("note answer", ALONE, row="7", words=SECRET)
    house.clock.move(START + timedelta(minutes=15))
    ask = asked(await house.presses(buttons(response)[0], ALONE))

    assert ({}, {}) == (ask.known, ask.problems)
    await house.submits(ask, ALONE, words="again")
    assert [Answer.model_construct(row=7, words="again")] == house.forms


async def test_a_guard_is_asked_after_a_community_was_chosen(house: House) -> None:
    """Choosing a community is not going on past an offer."""
    house.directory.knows("mia", "north", "south")
    response = await house.uses("note answer", ALONE, row="7", words=DESPAIR)
    offer = await house.presses(buttons(response)[0], ALONE)

    assert said(offer) == "Here is support."
    await house.presses(next(button for button in buttons(offer) if button.label == "Not now, go on"), ALONE)
    assert ["north"] == [call.member.community.id for _, call in house.ran]


async def test_the_community_that_was_chosen_stays_chosen(house: House) -> None:
    """Buttons and forms of the answer carry it, so that nobody is asked at every step."""
    house.directory.knows("mia", "north", "south")
    house.answer = Reply(
        Message("Done.", buttons=(Button("Add", "note add"), Button("Answer", "note answer", {"row": "7"})))
    )
    chosen = buttons(await house.writes("note list", ALONE))[1]
    answer = await house.presses(chosen, ALONE)
    ask = asked(await house.presses(buttons(answer)[0], ALONE))
    again = asked(await house.submits(ask, ALONE, text="x" * 30))
    mended = asked(await house.presses(mend(again), ALONE))
    await house.submits(mended, ALONE, text="short")
    await house.presses(buttons(answer)[2], ALONE)

    assert {"text": "x" * 30} == mended.known
    assert ["south", "south", "south"] == [call.member.community.id for _, call in house.ran]


async def test_a_community_that_knows_somebody_no_longer_is_asked_about_again(house: House) -> None:
    """A button of an erased community does not run there, nor elsewhere unasked."""
    house.directory.knows("mia", "north", "south", "east")
    gone = buttons(await house.writes("note list", ALONE))[2]
    house.directory.communities["mia"].pop()

    assert said(await house.presses(gone, ALONE)).startswith("Which community is this about?")
    assert house.ran == []


async def test_a_button_about_a_community_nobody_knows_still_opens_what_needs_none(house: House) -> None:
    """Help and support work whatever became of the community."""
    await house.uses("help", ALONE, **{COMMUNITY: "9"})

    assert [ALONE.member] == [call.member for _, call in house.ran]


# ---------------------------------------------------------------- suggestions and events


async def test_suggestions_come_from_the_command(house: House) -> None:
    """A field's own suggestions are asked for, and cut to what a menu holds."""
    found = await house.core.suggest("plan add", "what", "tea", OLA)

    assert Choice("tea0", "0") == found[0]
    assert len(found) == 25


async def test_zones_and_countries_are_suggested_everywhere(house: House) -> None:
    """No command has to say how to find a time zone or a country."""
    zones = await house.core.suggest("plan add", "zone", "kathm", OLA)
    countries = await house.core.suggest("plan add", "country", "germ", OLA)

    assert [Choice("Asia/Kathmandu", "Asia/Kathmandu")] == zones
    assert [Choice("Germany", "DE")] == countries
    assert len(await house.core.suggest("plan add", "zone", "a", OLA)) == 25


async def test_lists_of_choices_are_suggested_word_by_word(house: House) -> None:
    """After a comma come those that are not there yet."""
    first = await house.core.suggest("plan week", "day", "", OLA)
    later = await house.core.suggest("plan week", "day", "mon,t", OLA)

    assert ["mon", "tue", "thu"] == [choice.value for choice in first]
    assert [Choice("Choice mon, Choice tue", "mon,tue"), Choice("Choice mon, Choice thu", "mon,thu")] == later


async def test_nothing_is_suggested_to_those_who_may_not(house: House) -> None:
    """Suggestions would tell what a command itself would not."""
    assert not await house.core.suggest("plan add", "what", "tea", MIA)
    assert not await house.core.suggest("plan add", "zone", "kathm", MIA)


async def test_nothing_is_suggested_for_what_is_not_there(house: House) -> None:
    """Unknown commands and fields, and fields without suggestions, give none."""
    assert not await house.core.suggest("plan burn", "what", "tea", OLA)
    assert not await house.core.suggest("plan add", "when", "tea", OLA)
    assert not await house.core.suggest("note add", "text", "tea", OLA)


async def test_every_feature_hears_of_an_event(house: House) -> None:
    """A feature that stumbles does not keep the others from hearing, and its accident is logged without words."""
    gone = MemberGone(MIA.member)
    with capture_logs() as logs:
        await house.core.observe(gone)

    assert [gone] == house.observed
    assert ["RuntimeError"] == [entry["error"] for entry in logs]
    assert SECRET not in str(logs)


async def test_the_answer_is_in_the_reader_s_language() -> None:
    """Locale comes from the directory, and falls back to English."""
    house = House()
    await house.types("note list", replace(MIA, locale="xx-YY"))

    assert ["en"] == [call.locale for _, call in house.ran]
    assert HERE == house.ran[0][1].member.community
