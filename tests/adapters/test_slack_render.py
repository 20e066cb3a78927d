"""Messages as blocks and text: safe, complete, and within Slack's limits whatever they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.adapters.slack.render import (
    LONGEST_TEXT,
    MOST_NAMES,
    Drawn,
    Mentions,
    draw,
    draw_publicly,
    mark_of,
    pictures_in,
    strangers,
)
from bot.core.port import Button, Channel, Community, Emphasis, Member, Message, Picture, Ping
from bot.core.text import channel_link, mention, moment, plain
from tests.adapters.fake_slack_limits import block_problems, pings, too_long_together
from tests.adapters.fake_slack_world import texts_of

HOME = Community("slack", "T0CIRCLE00")
ALICE, BOB = Member(HOME, "U0ALICE000"), Member(HOME, "U0BOB00000")
HOSTILE = "<!channel> <!here|here> @everyone <@U0BOB00000> &lt;!channel&gt; <https://evil.example|click>"


def drawn(body: str, **more: Any) -> Drawn:
    return draw_publicly(Message(body, **more), {})


def sections(told: Drawn) -> list[str]:
    return [text for block in told.blocks if block["type"] == "section" for text in texts_of(block)]


def sound(told: Drawn) -> Drawn:
    """Check a drawing against Slack's limits and the SDK's own models."""
    assert [] == block_problems(told.blocks, "message")
    assert not too_long_together(told.blocks)
    assert 0 < len(told.text) <= LONGEST_TEXT
    parsed: Any = Block
    for block in parsed.parse_all(told.blocks):
        block.validate_json()
    return told


def test_markup_becomes_slacks_own() -> None:
    """Bold, italic, code, quotes, lists, headings and links are drawn as Slack writes them."""
    body = "# Now\n\n**bold** and *soft* `code`\n\n> a quote\n> goes on\n\n- one\n- two\n\n[here](https://example.org/?a=1&b=2)"

    (text,) = sections(sound(drawn(body)))

    expected = "*Now*\n\n*bold* and _soft_ `code`\n\n> a quote\n> goes on\n\n• one\n• two\n\n<https://example.org/?a=1&amp;b=2|here>"
    assert expected == text


def test_moments_and_channels_are_drawn_in_the_readers_own_way() -> None:
    """An instant is a date that each reader sees in their own clock; a channel is a link."""
    at = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)

    (text,) = sections(
        sound(drawn(f"{moment(at, 'Europe/Berlin', 'en')} in {channel_link(Channel(HOME, 'C0CIRCLE00'))}"))
    )

    date, _, rest = text.partition("|")
    assert "<!date^1795456800^{date_long_pretty} {time}" == date
    assert rest.endswith("(Europe/Berlin)> in <#C0CIRCLE00>")
    assert "19:00" in rest


@pytest.mark.parametrize("place", ["body", "title", "footer", "label", "alternative"])
def test_hostile_text_is_text(place: str) -> None:
    """Wherever a person's words stand, they ping nobody, link nowhere, and can be read letter by letter."""
    words = {
        name: HOSTILE if name == place else "hello" for name in ("body", "title", "footer", "label", "alternative")
    }
    message = Message(
        plain(words["body"]),
        words["title"],
        plain(words["footer"]),
        (Button(words["label"][:40], "greet"),),
        picture=Picture(b"", "image/png", words["alternative"]),
    )

    told = sound(draw_publicly(message, {}, picture="F0PICTURE00"))

    assert set() == pings(told.text, told.blocks)
    assert "&lt;!channel&gt;" in told.text
    assert "<http" not in told.text
    assert "<@" not in told.text


def test_names_of_members_are_escaped() -> None:
    """A display name is a person's words too, in a mention, a moment or a link."""
    told = sound(drawn(f"{mention(BOB, '<!here> & co')}"))

    assert ["&lt;!here&gt; &amp; co"] == sections(told)
    assert set() == pings(told.text, told.blocks)


def test_only_those_whom_a_post_notifies_are_mentioned() -> None:
    """In a channel a mention pings, so all others stand there by name, or by the name that Slack told."""
    body = f"{mention(ALICE, 'Alice')} {mention(BOB, 'Bob')} {mention(Member(HOME, 'U0CAROL000'))}"
    message = Message(body, notifies=(ALICE,))

    told = sound(draw_publicly(message, {"U0CAROL000": "Carol"}))

    assert {"U0ALICE000"} == pings(told.text, told.blocks)
    assert ["<@U0ALICE000> Bob Carol"] == sections(told)
    assert {"U0CAROL000"} == strangers(message)


@pytest.mark.parametrize(("ping", "call"), [(Ping.HERE, "<!here>"), (Ping.EVERYONE, "<!channel>")])
def test_a_post_may_call_many(ping: Ping, call: str) -> None:
    """The call stands first, on a line of its own, also in the text that notifications show; nowhere in private."""
    told = sound(drawn(HOSTILE, title=HOSTILE, ping=ping))
    private = sound(draw(Message(HOSTILE, ping=ping), Mentions()))

    assert call == sections(told)[0]
    assert told.text.startswith(f"{call}\n\n&lt;!channel&gt;")
    assert {call.strip("<>")} == pings(told.text, told.blocks)
    assert set() == pings(private.text, private.blocks)


@pytest.mark.parametrize("name", ["!channel", "subteam^S1", "U1|x", "", "U1> <!here"])
def test_a_link_of_ours_leads_to_people_and_channels_only(name: str) -> None:
    """Whoever writes such a link by hand reads its words, and nothing of what it names."""
    body = f"[someone](hearthside:member/{quote(name)}) [somewhere](hearthside:channel/{quote(name)})"
    told = [sound(drawn(body)), sound(draw(Message(body), Mentions()))]

    assert ["someone somewhere"] * 2 == [one.text for one in told]
    assert [set(), set()] == [pings(one.text, one.blocks) for one in told]


def test_names_are_not_looked_up_endlessly() -> None:
    """A text may mention very many people."""
    body = " ".join(f"[@](hearthside:member/U{number})" for number in range(200))

    assert MOST_NAMES == len(strangers(Message(body)))


def test_private_messages_mention_everyone() -> None:
    """Where only one person reads, a mention pings nobody else and shows the newest name."""
    told = sound(draw(Message(f"{mention(BOB, 'Bob')}"), Mentions()))

    assert ["<@U0BOB00000>"] == sections(told)


def test_the_text_says_everything() -> None:
    """Screen readers read the text alone: title, body, picture, footer and what can be pressed are in it."""
    message = Message(
        "**Listen** first.",
        "Tonight",
        "Answer in the thread.",
        (Button("Write my reflection", "practice write"),),
        picture=Picture(b"", "image/png", "Two people on a bench"),
    )

    told = sound(draw(message, Mentions(), picture="F0PICTURE00"))

    expected = "Tonight\n\n*Listen* first.\n\nTwo people on a bench\n\nAnswer in the thread.\n\n[Write my reflection]"
    assert expected == told.text


def test_a_picture_stands_after_the_words() -> None:
    """With its alternative text, cut to what Slack takes; file and bytes are known again by the id of its block."""
    picture = Picture(b"", "image/png", "a lake <!channel> & " * 200)
    message = Message("Look.", "Title", "A footer", (Button("Keep", "note keep"),), picture=picture)

    told = sound(draw_publicly(message, {}, picture="F0PICTURE00"))

    assert ["header", "section", "image", "context", "actions"] == [block["type"] for block in told.blocks]
    assert (2_000, "…") == (len(told.blocks[2]["alt_text"]), told.blocks[2]["alt_text"][-1])
    assert {"F0PICTURE00": mark_of(picture)} == pictures_in({"blocks": told.blocks})


def test_a_picture_that_is_not_shown_is_not_spoken_of() -> None:
    """Whoever listens is not told of what nobody sees."""
    message = Message("Look.", picture=Picture(b"", "image/png", "Two people on a bench"))

    told = sound(draw_publicly(message, {}))

    assert ("Look.", ["section"]) == (told.text, [block["type"] for block in told.blocks])
    assert {} == pictures_in({"blocks": told.blocks})


def test_buttons_show_their_emphasis() -> None:
    """Plain buttons have no style; each has an action of its own."""
    buttons = tuple(Button(how.value, "greet", {"row": "1"}, how) for how in Emphasis)

    row = sound(drawn("Which?", buttons=buttons)).blocks[-1]["elements"]

    assert [None, "primary", "danger"] == [button.get("style") for button in row]
    assert 3 == len({button["action_id"] for button in row})


def test_an_empty_message_is_still_one() -> None:
    """Slack refuses messages without text."""
    sound(drawn(""))
    sound(drawn("  \n ", title="", footer=" "))


def test_long_text_is_cut_between_words() -> None:
    """A text that is too long ends in an ellipsis; no entity is cut in half."""
    told = sound(drawn(str(plain("a & b <c> " * 2_000))))

    assert told.text.endswith("…")
    assert "&lt;c&gt;" in told.text
    assert all("&" not in text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "") for text in sections(told))


@given(
    body=st.text(max_size=200).map(plain) | st.text(max_size=5_000),
    title=st.text(max_size=400),
    footer=st.text(max_size=3_000),
    labels=st.lists(st.text(max_size=120), max_size=40),
    alternative=st.text(max_size=3_000),
)
def test_whatever_it_holds_slack_takes_it(
    body: str, title: str, footer: str, labels: list[str], alternative: str
) -> None:
    """Slack's limits hold by construction, and nothing but a mention of ours can ping."""
    buttons = tuple(Button(label, "greet", {"row": str(number)}) for number, label in enumerate(labels))

    message = Message(body, title, footer, buttons, picture=Picture(b"", "image/png", alternative))
    told = sound(draw_publicly(message, {}, picture="F0PICTURE00"))

    assert set() == pings(told.text, told.blocks)
