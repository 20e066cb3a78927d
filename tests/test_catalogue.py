"""What holds for every command, sentence, button and exercise there is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Final

import pytest
import pytest_asyncio

from bot.adapters.discord.commands import draw_commands
from bot.adapters.discord.forms import draw_form as discord_form
from bot.adapters.discord.ids import Target, encode
from bot.adapters.slack.commands import FormOrigin, write_press
from bot.adapters.slack.forms import draw_form as slack_form
from bot.content import Shelf
from bot.core import forms, recurrence
from bot.core.commands import Command
from bot.core.content import Content
from bot.core.direct import COMMUNITY, GO_ON, GUARDED
from bot.core.feature import Feature
from bot.core.inputs import Input
from bot.core.port import FILLED, HELD, Ask, Entry, Kind, Reason, Role, Shown
from bot.core.text import BlockKind, Link, Sentence, Text, Words, parse
from bot.core.text.line import PROBLEMS as LINE_PROBLEMS
from bot.features import discover
from bot.features.breaks.reminding import SNOOZES
from bot.features.milestones.model import Audience, Sort
from bot.features.practice import SKILLS
from bot.features.practice.exercises import Exercise, ExerciseForm, PracticeContent
from bot.features.practice.steps import IN_A_ROW
from bot.features.support.lines import SupportContent
from bot.storage.tables import metadata
from tests.adapters.fake_discord_limits import faults_in_form
from tests.adapters.fake_slack_api import with_ids
from tests.adapters.fake_slack_limits import view_problems
from tests.house import opened
from tests.spoken import drawn, matching, mentioned, spoken

KEPT: Final = {
    "cheers",
    *(f"milestones{without}" for without in ("", "_without_label", "_without_channel", "_without_label_channel")),
    *(f"milestones_kind_{sort}" for sort in Sort),
    *(f"milestones_audience_{audience}" for audience in Audience),
}
"""What `privacy show` says of milestones."""
ROWS_OF_THEIR_OWN: Final = {"day"}
"""Hidden rows that say which row is meant, so that a form about one needs no other."""
RESERVED: Final = {HELD, FILLED, GO_ON, COMMUNITY}
LARGEST_ROW: Final = str(2**53 - 1)
SNOWFLAKE: Final = "9" * 20
KEY: Final = "k" * 25
TOKEN: Final = "t" * 12
ABOUT_NOBODY: Final = {"alembic_version", "communities", "groups", "sealing_keys"}
"""Tables that hold nothing about a member."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that the features declare, and its words."""

    features: Sequence[Feature]
    entries: Sequence[Entry]
    shelf: Shelf

    @property
    def commands(self) -> Mapping[str, Command]:
        return {each.path: each for feature in self.features for each in feature.commands}

    @property
    def words(self) -> Words:
        return self.shelf.words

    @property
    def sentences(self) -> Mapping[str, Sentence]:
        """Return every sentence of the features and the house by its key, commands' words not among them."""
        folders = {"core": Content, "platform": Content} | {name: plug.content for name, plug in discover().items()}
        return {
            f"{name}.{key}": sentence
            for name, model in folders.items()
            for key, sentence in self.shelf.of(name, model, "en").says.items()
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def catalogue(new_sqlite: Callable[[], str], shelf: Shelf) -> Catalogue:
    """Give what the real features declare."""
    async with opened(new_sqlite(), shelf) as house:
        return Catalogue(house.app.tools.house.features, house.app.core.catalogue, shelf)


def wordings(sentence: Sentence) -> Sequence[str]:
    """Return every way a sentence can be put."""
    return [sentence] if isinstance(sentence, str) else list(sentence.values())


def placeholders(sentence: Sentence) -> set[str]:
    return {name for wording in wordings(sentence) for _, name, _, _ in Formatter().parse(wording) if name}


def filled(wording: str) -> str:
    """Return a wording as it may be read, with a short word for every value."""
    return wording.format(**dict.fromkeys(placeholders(wording), "x"))


# ---------------------------------------------------------------- commands


def test_every_path_stands_once(catalogue: Catalogue) -> None:
    """Of two commands with one path, one could never be reached."""
    paths = Counter(each.path for feature in catalogue.features for each in feature.commands)

    assert [] == [path for path, count in paths.items() if count > 1]
    assert len(paths) == len(catalogue.entries)


def test_no_path_is_the_beginning_of_another(catalogue: Catalogue) -> None:
    """On Discord a command that has subcommands cannot be used itself; a typed line would be unclear."""
    paths = sorted(catalogue.commands)

    assert [] == [(one, other) for one in paths for other in paths if other.startswith(f"{one} ")]


def test_commands_under_one_first_word_have_one_role(catalogue: Catalogue) -> None:
    """Platforms show or hide a first word as a whole; hidden commands keep to it too, so that nobody has to think."""
    roles: dict[str, set[Role]] = {}
    for path, command in catalogue.commands.items():
        roles.setdefault(path.split()[0], set()).add(command.role)

    assert {} == {word: found for word, found in roles.items() if len(found) > 1}


def test_names_can_be_typed_everywhere(catalogue: Catalogue) -> None:
    """Words of paths and names of fields are Discord's names and Slack's words; three words at most."""
    for path, command in catalogue.commands.items():
        assert len(path.split()) <= 3, path
        assert all(re.fullmatch(r"[a-z][a-z-]{0,31}", word) for word in path.split()), path
        assert all(re.fullmatch(r"[a-z]{2,32}", given.name) for given in command.inputs), path


def test_no_field_takes_a_name_that_buttons_need(catalogue: Catalogue) -> None:
    """What the house itself puts into buttons cannot be mistaken for an argument."""
    names = {given.name for command in catalogue.commands.values() for given in command.inputs}

    assert set() == names & RESERVED


def test_every_command_field_and_choice_has_words(catalogue: Catalogue) -> None:
    """Nothing is shown by its bare name, and no word belongs to something that is not there."""
    words, wanted = catalogue.words, set[str]()
    for path, command in catalogue.commands.items():
        wanted |= {f"command.{path}.summary", f"command.{path}.title"}
        for given in command.inputs:
            if not given.mark.hidden:
                wanted |= {f"command.{path}.{given.name}.label", f"command.{path}.{given.name}.hint"}
                wanted |= {f"command.{path}.{given.name}.choice.{value}" for value in given.choices}

    assert wanted == {key for key in words.keys() if key.startswith("command.")}  # noqa: SIM118  no dictionary
    assert [] == [key for key in wanted if not words.label(key, "en").strip()]


def test_words_of_commands_fit_the_platforms(catalogue: Catalogue) -> None:
    """Discord cuts or refuses what is longer; Slack's titles and options are narrower still."""
    for entry in catalogue.entries:
        assert len(entry.summary) <= (24 if entry.shown is Shown.MENU else 100), entry.path
        assert len(catalogue.words.label(f"command.{entry.path}.title", "en")) <= 45, entry.path
        assert len(entry.fields) <= 25, entry.path
        for field in entry.fields:
            assert len(field.label) <= 45, (entry.path, field.name)
            assert len(field.hint) <= 100, (entry.path, field.name)
            assert len(field.choices) <= 25, (entry.path, field.name)
            assert all(len(choice.label) <= 75 for choice in field.choices), (entry.path, field.name)


def test_a_form_has_a_title_that_slack_can_show(catalogue: Catalogue) -> None:
    """A command that may ask for something has a title of 24 characters at most, so that none is cut."""
    titled = [entry.path for entry in catalogue.entries if entry.fields]

    assert {} == {
        path: title for path in titled if len(title := catalogue.words.label(f"command.{path}.title", "en")) > 24
    }


def test_discord_takes_the_catalogue(catalogue: Catalogue) -> None:
    """Commands and menus can be drawn, in number and shape."""
    assert draw_commands(catalogue.entries)


@pytest.mark.parametrize("known", ["", "x" * 3000, "mon,thu", "yes"])
def test_every_form_can_be_drawn(catalogue: Catalogue, known: str) -> None:
    """Every command can be asked for on both platforms, whatever is known of it and wrong with it."""
    for entry in catalogue.entries:
        values = {field.name: known for field in entry.fields}
        title = catalogue.words.label(f"command.{entry.path}.title", "en")
        ask = Ask(entry.path, title, entry.fields, values, values if known else {}, held=TOKEN)
        modal = slack_form(ask, FormOrigin(ask.command, ask.carried(())), catalogue.words, "en")

        assert [] == view_problems({**modal, "blocks": with_ids(modal["blocks"])}), entry.path
        if entry.fields:
            assert [] == list(faults_in_form(discord_form(ask, catalogue.words, "en").to_dict())), entry.path


def test_menus_take_a_message_and_nothing_else(catalogue: Catalogue) -> None:
    """There is no form before a menu's command, and nobody to choose."""
    menus = [entry for entry in catalogue.entries if entry.shown is Shown.MENU]

    assert [] == [entry.path for entry in menus if [field.kind for field in entry.fields] not in ([], [Kind.MESSAGE])]
    assert len(menus) <= 5


# ---------------------------------------------------------------- buttons


def test_every_button_leads_somewhere(catalogue: Catalogue) -> None:
    """Its command exists, takes its arguments, and gets the hidden ones that it needs."""
    found = [(place, path) for place in drawn() for path in place.commands]

    assert len(found) >= 40
    for place, path in found:
        assert path in catalogue.commands, place.where
        inputs = {given.name: given for given in catalogue.commands[path].inputs}
        needed = {name for name, given in inputs.items() if given.mark.hidden and given.required}
        assert place.arguments is not None, place.where
        assert needed <= place.arguments <= inputs.keys(), place.where


def test_labels_of_buttons_fit(catalogue: Catalogue) -> None:
    """Slack shows 75 characters, Discord 80; no label holds a value that could be of any length."""
    keys = {key for place in drawn() for key in matching(place.labels, frozenset(catalogue.sentences))}

    assert len(keys) >= 30
    for key in keys:
        assert all(len(wording) <= 75 for wording in wordings(catalogue.sentences[key])), key
        assert placeholders(catalogue.sentences[key]) <= {"number", "moment"}, key


def longest_arguments(inputs: Sequence[Input], names: frozenset[str], content: PracticeContent) -> dict[str, str]:
    """Return the longest arguments that a button can have: row ids, ids of content, yes, and small numbers."""
    exercise = max((each.id for each in content.exercises), key=len)
    found: dict[str, str] = {}
    for given in inputs:
        if given.name in names:
            known = {"exercise": f"{exercise}.{IN_A_ROW}", "minutes": str(max(SNOOZES))}
            longest = known.get(given.name, str(given.mark.highest or LARGEST_ROW))
            found[given.name] = "yes" if given.mark.kind is Kind.FLAG else longest
    return found


def test_every_button_fits_discord(catalogue: Catalogue) -> None:
    """A command, its longest arguments, the community of a direct message and the key of a post: 100 characters."""
    content = catalogue.shelf.of("practice", PracticeContent, "en")
    for place in drawn():
        for path in place.commands:
            arguments = longest_arguments(catalogue.commands[path].inputs, place.arguments or frozenset(), content)
            posted = Target(path, arguments, SNOWFLAKE, KEY if path == "support" else "")
            answered = Target(path, {**arguments, COMMUNITY: LARGEST_ROW})

            assert max(len(encode(posted)), len(encode(answered))) <= 100, place.where
            assert len(write_press(path, arguments)) <= 2000, place.where


def test_every_form_can_be_opened_again_on_discord(catalogue: Catalogue) -> None:
    """*Mend it*, and going on after an offer, carry the hidden arguments, a token and perhaps a community."""
    content = catalogue.shelf.of("practice", PracticeContent, "en")
    for path, command in catalogue.commands.items():
        hidden = frozenset(given.name for given in command.inputs if given.mark.hidden)
        rows = frozenset(given.name for given in command.inputs if given.mark.row)
        for names in (hidden, hidden - ROWS_OF_THEIR_OWN | rows):
            carried = longest_arguments(command.inputs, names, content)
            arguments, sent = carried | {HELD: TOKEN, GO_ON: GUARDED}, carried | {FILLED: TOKEN}

            assert len(encode(Target(path, {**arguments, COMMUNITY: LARGEST_ROW}))) <= 100, path
            assert len(encode(Target(path, arguments, SNOWFLAKE))) <= 100, path
            assert len(encode(Target(path, {**sent, COMMUNITY: LARGEST_ROW}))) <= 100, path


# ---------------------------------------------------------------- sentences


def test_every_sentence_that_the_code_says_is_there(catalogue: Catalogue) -> None:
    """A missing key would be an accident in front of a person."""
    keys = frozenset(catalogue.words.keys())
    columns = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    folders = {key.partition(".")[0] for key in catalogue.sentences}
    wanted = {pattern for pattern in mentioned() if pattern.partition("\\.")[0] in folders}

    assert len(wanted) >= 200
    assert [] == sorted(
        pattern for pattern in wanted if not matching(frozenset({pattern}), keys | columns)
    )  # a column's name is what its sealing is bound to


def test_every_sentence_is_said_somewhere(catalogue: Catalogue) -> None:
    """What nobody says would be translated and approved in vain."""
    keys = frozenset(catalogue.sentences)

    assert set() == keys - matching(mentioned(), keys)
    assert set() == matching(mentioned(), frozenset({"core.nobody_says_this", "nowhere.kind", "breaks.reminders"}))


def test_sentences_are_given_the_values_they_need(catalogue: Catalogue) -> None:
    """Every placeholder has its value, and every value a placeholder; `count` may only choose the wording."""
    sentences = catalogue.sentences
    for place in spoken():
        keys = matching(place.patterns, frozenset(sentences))
        if place.values is None or not keys:
            continue
        held = [placeholders(sentences[key]) for key in keys]
        assert set().union(*held) <= place.values, place.where
        assert place.values - {"count"} <= set().union(*held), place.where


def test_plurals_are_given_a_count(catalogue: Catalogue) -> None:
    """A sentence with several wordings is chosen by `count`."""
    for place in spoken():
        for key in matching(place.patterns, frozenset(catalogue.sentences)):
            assert isinstance(catalogue.sentences[key], str) or "count" in (place.values or {"count"}), place.where


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("core.problem_", {*forms.PROBLEMS, *recurrence.PROBLEMS, "other"}),
        ("core.line_", {problem.removeprefix("line_") for problem in LINE_PROBLEMS}),
        ("core.only_", {"leader", "organiser"}),
        ("schedules.failed_", set(Reason)),
        ("schedules.note_", set(Reason)),
        ("breaks.in_", {str(minutes) for minutes in SNOOZES}),
        ("milestones.moment_", {"day", "week", "month", "year", "beginning"}),
        ("milestones.set_", {*Audience, "silenced", "button", "another"}),
        ("milestones.kept_", KEPT),
        ("milestones.audience_", set(Audience)),
        ("milestones.seen_", set(Audience) - {Audience.PRIVATE}),
        ("milestones.waits_", set(Audience) - {Audience.PRIVATE}),
        ("milestones.told_", set(Audience) - {Audience.PRIVATE} | {"footer"}),
        ("milestones.preview_", set(Audience) - {Audience.PRIVATE} | {"title"}),
        ("milestones.note_", {*Sort, "not_posted", "not_told", "unsure", "stays", "no_leaders"}),
        ("practice.skill_", set(SKILLS)),
        ("practice.about_", set(ExerciseForm)),
        ("practice.footer_posted_", set(ExerciseForm)),
        ("practice.footer_thread_", set(ExerciseForm)),
        ("practice.footer_alone_", set(ExerciseForm)),
    ],
)
def test_every_kind_of_a_thing_has_its_sentence(catalogue: Catalogue, prefix: str, names: set[str]) -> None:
    """Neither a problem nor a reason, a skill or a moment is without words, and none has words too many."""
    assert names == {key.removeprefix(prefix) for key in catalogue.sentences if key.startswith(prefix)}


def test_problems_fit_the_values_that_come_with_them(catalogue: Catalogue) -> None:
    """What a form finds wrong is told with the values that its reader gives."""
    given = {
        "too_long": {"longest", "length"},
        "number_range": {"lowest", "highest"},
        "number_least": {"lowest"},
        "number_most": {"highest"},
        "zone_near": {"near"},
        "choices": {"offered"},
    }
    lines = {"line_unknown_near": {"near"}, "line_field": {"field", "fields"}}
    for name in LINE_PROBLEMS:
        assert placeholders(catalogue.sentences[f"core.{name}"]) <= lines.get(name, set[str]()), name
    for name in (*forms.PROBLEMS, *recurrence.PROBLEMS):
        allowed = given.get(name, {"given"} if name in recurrence.PROBLEMS else set[str]())
        assert placeholders(catalogue.sentences[f"core.problem_{name}"]) <= allowed, name


def test_titles_labels_and_problems_hold_no_markup(catalogue: Catalogue) -> None:
    """They are shown letter by letter, stars and all."""
    marked = re.compile(r"[*`]|\]\(|^#|__")
    for place in spoken():
        if place.literal and "adapters/console" not in place.where:  # a terminal shows backticks as they are meant
            for key in matching(place.patterns, frozenset(catalogue.sentences)):
                assert not any(marked.search(wording) for wording in wordings(catalogue.sentences[key])), key


def test_values_stand_where_they_are_read_as_text(catalogue: Catalogue) -> None:
    """Inside backticks a value would show its escapes, inside a link it would end it."""
    inside = re.compile(r"`[^`\n]*\{[a-z_]+\}[^`\n]*`|\]\([^)]*\{[a-z_]+\}")

    assert [] == [
        key
        for key, sentence in catalogue.sentences.items()
        if any(inside.search(wording) for wording in wordings(sentence))
    ]


def test_markup_comes_out_as_it_was_meant(catalogue: Catalogue) -> None:
    """No star, backtick or bracket is left over in what people read: each opened something and closed it."""
    keys = frozenset(catalogue.sentences)
    literal = {key for place in spoken() if place.literal for key in matching(place.patterns, keys)}
    for key in keys - literal:
        for wording in wordings(catalogue.sentences[key]):
            spans = [span for block in parse(filled(wording)) for span in block.spans]
            left = [span.text for span in spans if isinstance(span, Text) and not span.code]
            assert not re.search(r"[*`_\[\]]", "".join(left)) or key.startswith("platform."), key
            assert all(span.url.startswith("https://") for span in spans if isinstance(span, Link)), key


def test_commands_that_sentences_name_are_commands(catalogue: Catalogue) -> None:
    """What stands in backticks can be typed as it is."""
    for key, sentence in catalogue.sentences.items():
        for wording in wordings(sentence):
            for named in re.findall(r"`([a-z][a-z -]*)`", wording):
                known = [path for path in catalogue.commands if path == named or path.startswith(f"{named} ")]
                assert known or named in {"cancel", "quit"}, (key, named)  # words of the console itself


# ---------------------------------------------------------------- tone


def said_to_people(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield every text that a person can meet, with where it stands."""
    for key in catalogue.words.keys():  # noqa: SIM118  no dictionary
        sentence = catalogue.sentences.get(key) or catalogue.words.label(key, "en")
        yield from ((key, wording) for wording in wordings(sentence))
    for exercise in catalogue.shelf.of("practice", PracticeContent, "en").exercises:
        for name in ("title", "vignette", "task", "look_for", "example", "why"):
            yield f"{exercise.id}.{name}", getattr(exercise, name)
    for code, country in catalogue.shelf.of("support", SupportContent, "en").countries.items():
        yield from ((f"support.{code}", line.how) for line in country.talk)


def test_nothing_is_written_in_capitals(catalogue: Catalogue) -> None:
    """No word stands in capitals but names of things; somebody in a vignette may."""
    for where, text in said_to_people(catalogue):
        found = [word for word in re.findall(r"\b[A-Z]{4,}\b", text) if word not in {"SHOUT", "AYUDA"}]
        assert not found or where.endswith(".vignette"), where


def test_everything_is_said_in_whole_words(catalogue: Catalogue) -> None:
    """No double blanks, no blank before a full stop, no invisible characters, no straight dots for an ellipsis."""
    untidy = re.compile(
        r"[^\n ]  +[^ \n]| [.,;:?](?:\s|$)|\.\.\.|[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\t]"
    )

    assert [] == [
        where
        for where, text in said_to_people(catalogue)
        if untidy.search(text) and where != "platform.console_help"  # a table
    ]


# ---------------------------------------------------------------- exercises


def texts(exercise: Exercise) -> Iterator[str]:
    yield from (exercise.vignette, exercise.task, exercise.look_for, exercise.example, exercise.why)


def test_every_exercise_fits(catalogue: Catalogue) -> None:
    """Titles are short enough for a phone, minutes are few, and nothing has blanks around it."""
    for exercise in catalogue.shelf.of("practice", PracticeContent, "en").exercises:
        assert len(exercise.title) <= 24, exercise.id
        assert 1 <= exercise.minutes <= 10, exercise.id
        assert all(text == text.strip() for text in texts(exercise)), exercise.id


def test_exercises_are_read_as_plain_text(catalogue: Catalogue) -> None:
    """Their words are escaped before they are shown, so stars and backticks would show."""
    for exercise in catalogue.shelf.of("practice", PracticeContent, "en").exercises:
        assert not any(re.search(r"[*`]|\]\(", text) for text in (exercise.title, *texts(exercise))), exercise.id


def test_a_posted_exercise_says_where_to_answer(catalogue: Catalogue) -> None:
    """In the thread for everyone where there is one, or alone behind the button of that very name."""
    for key, where in (("thread", "in the thread"), ("posted", "here")):
        footer = catalogue.words.label(f"practice.footer_{key}_reflect", "en")

        assert catalogue.words.label("practice.write", "en") in footer
        assert footer == f"Answer {where} for everyone, or press *Write my reflection* to practise alone."
        assert [BlockKind.PARAGRAPH] == [block.kind for block in parse(footer)]


# ---------------------------------------------------------------- what is kept


def test_every_table_is_somebody_s(catalogue: Catalogue) -> None:
    """Each feature names the tables that it keeps about members, and together they leave none out."""
    named = Counter(table for feature in catalogue.features for table in feature.personal_data.tables)

    assert set(metadata.tables) - ABOUT_NOBODY == set(named)
    assert [] == [table for table, count in named.items() if count > 1]


def test_every_feature_goes_by_its_folder(catalogue: Catalogue) -> None:
    """Words, settings and deliveries find a feature by the name of its module."""
    assert set(discover()) == {feature.name for feature in catalogue.features}
