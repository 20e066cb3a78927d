"""`support`: whom to call or write to now. Short, private, and the same whether or not anything else works."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from bot.community.tools import Tools
from bot.core.commands import Call, command
from bot.core.feature import KEEPS_NOTHING, Feature, HomePart
from bot.core.forms import Country, Form, Mark, Reading
from bot.core.port import Address, Button, Channel, Emphasis, Kind, Member, Message, Reply, Shown
from bot.core.text import Markup, countries, plain, read_country
from bot.features.support.lines import CountryLines, Offer, SupportContent, offer_for, offer_of_oneself

FEATURE: Final = "support"
CONTENT = SupportContent


def _chosen(text: str, _: Reading) -> str:
    return read_country(text)


Chosen: TypeAlias = Annotated[str, Mark(Kind.TEXT, reader=_chosen, hidden=True)]
"""The country that the card before showed; "" for one that nobody knows, for a refusal would cost time."""


class Where(Form):
    """The country somebody is in now."""

    country: Country


class Typed(Form):
    """A country as somebody typed it in haste."""

    country: Annotated[str, Mark(Kind.TEXT, suggests=True)] = ""
    shown: Chosen = ""


class Emergency(Form):
    """The country that the card showed."""

    country: Chosen = ""


class Nothing(Form):
    """No input."""


class Support:
    """Handlers of `support`, and the guards that offer it, for oneself and for somebody else."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._words = tools.words

    async def support(self, form: Typed, call: Call) -> Reply:
        """Show the numbers of a country. Never a question first: whatever was typed, there is an answer."""
        typed = "" if form.country.casefold() == "me" else form.country  # "support me" is a cry, not Montenegro
        country = form.shown or read_country(typed)
        return Reply(await self.card(call, country, unknown=bool(typed) and not country))

    async def menu(self, form: Nothing, call: Call) -> Reply:
        """Show the numbers, from the menu of any message."""
        del form
        return Reply(await self.card(call))

    async def overdose(self, form: Emergency, call: Call) -> Reply:
        """Show what to do when somebody may have overdosed, the emergency number first."""
        country = form.country or await self._country(call)
        lines = self._lines(call.locale, country)
        if lines and lines.emergency:
            first = self._words.say("support.overdose_call", call.locale, emergency=lines.emergency)
        else:
            first = self._words.say("support.overdose_call_unknown", call.locale)
        body = Markup(f"{first}\n{self._words.say('support.overdose', call.locale)}")
        talk = Button(self._words.label("support.button", call.locale), "support", {"shown": country})
        return Reply(Message(body, self._words.label("support.overdose_title", call.locale), buttons=(talk,)))

    async def card(self, call: Call, country: str = "", *, unknown: bool = False) -> Message:
        """Return the support card: numbers first, then what this is not. `unknown`: what was typed is no country."""
        code = country or await self._country(call)
        name = countries(call.locale).get(code, code)
        lines = self._lines(call.locale, code)
        parts = [self._first(lines, call.locale)]
        if unknown and lines:
            parts.insert(0, self._words.say("support.country_unknown_shown", call.locale, country=name))
        elif unknown:
            parts.insert(0, self._words.say("support.country_unknown", call.locale))
        if lines and lines.talk:
            parts.append(Markup("\n".join(f"- {plain(line.how)}" for line in lines.talk)))
        parts.append(self._words.say("support.elsewhere", call.locale))
        footer = self._words.say("support.not_monitored", call.locale)
        if lines:
            values = {"country": name, "source": lines.source, "checked": lines.checked}
            footer = Markup(f"{footer}\n{self._words.say('support.unconfirmed', call.locale, **values)}")
        shown = {"country": code}
        overdose = Button(self._words.label("support.overdose_button", call.locale), "emergency overdose", shown)
        other = Button(self._words.label("support.other_country", call.locale), "emergency country")
        return Message(
            Markup("\n\n".join(parts)), self._words.label("support.title", call.locale), footer, (overdose, other)
        )

    async def elsewhere(self, form: Where, call: Call) -> Reply:
        """Show the numbers of the country that was picked."""
        return Reply(await self.card(call, form.country))

    async def guard(self, text: str, call: Call) -> Message | None:
        """Offer support when words of despair or overdose are in a text. An offer, not a detection; nothing is kept."""
        content = self._tools.library.of(FEATURE, SupportContent, call.locale)
        match offer_for(text, content.offers):
            case Offer.OVERDOSE:
                message = (await self.overdose(Emergency(), call)).message
            case Offer.DESPAIR:
                message = await self.card(call)
            case None:
                return None
        said = self._words.say("support.told_nobody", call.locale)
        return Message(Markup(f"{message.body}\n\n{said}"), message.title, message.footer, message.buttons)

    async def worried(self, text: str, call: Call) -> Message | None:
        """Show how to be there for whoever wrote such words, before anything else. They are not told of it."""
        content = self._tools.library.of(FEATURE, SupportContent, call.locale)
        offer = offer_for(text, content.offers)
        if offer is None:
            return None
        country = await self._country(call)
        if offer is Offer.OVERDOSE:
            parts = [(await self.overdose(Emergency(country=country), call)).message.body]
        else:
            parts = [self._danger(country, call.locale)]
        parts += [self._words.say(f"support.worried_{name}", call.locale) for name in ("reach_out", "not_alone")]
        talk = Button(self._words.label("support.button", call.locale), "support", {"shown": country})
        footer = self._words.say("support.worried_told_nobody", call.locale)
        return Message(
            Markup("\n\n".join(parts)), self._words.label("support.worried_title", call.locale), footer, (talk,)
        )

    async def replying(self, said: str, reply: str, call: Call) -> Message | None:
        """Look at a reply to somebody: despair of one's own brings support, as ever.

        What only says again the despair in the message does not: *Worried about someone?* was shown for it already.
        """
        offers = self._tools.library.of(FEATURE, SupportContent, call.locale).offers
        offer = offer_for(reply, offers)
        if offer is None:
            return None
        if offer_of_oneself(reply, offers):
            return await self.guard(reply, call)
        return None if offer_for(said, offers) is offer else await self.worried(reply, call)

    async def home(self, call: Call) -> HomePart | None:
        """Show the way to support."""
        button = Button(self._words.label("support.button", call.locale), "support", {}, Emphasis.PRIMARY)
        return HomePart(90, Message(self._words.say("support.home", call.locale), buttons=(button,)))

    def _first(self, lines: CountryLines | None, locale: str) -> Markup:
        if lines is None:
            return self._words.say("support.first_unknown", locale)
        if not lines.number:
            return self._words.say("support.first_emergency", locale, emergency=lines.emergency)
        return self._words.say("support.first", locale, emergency=lines.emergency, number=lines.number)

    def _danger(self, country: str, locale: str) -> Markup:
        lines = self._lines(locale, country)
        if lines is None:
            return self._words.say("support.worried_danger_unknown", locale)
        return self._words.say("support.worried_danger", locale, emergency=lines.emergency)

    def _lines(self, locale: str, country: str) -> CountryLines | None:
        return self._tools.library.of(FEATURE, SupportContent, locale).countries.get(country)

    async def _country(self, call: Call) -> str:
        """Return the member's own country, else that of the group they are in, else the one all groups share."""
        if not call.member.community.id:
            return ""
        own = await self._tools.people.settings(call.member)
        if own.country:
            return own.country
        groups = await self._tools.groups.all(call.member.community)
        here = {group.country for group in groups if group.channel == _channel_of(call.place)}
        found = here or {group.country for group in groups}
        return found.pop() if len(found) == 1 else ""


def _channel_of(place: Address) -> Channel | None:
    if isinstance(place, Member):
        return None
    return place if isinstance(place, Channel) else place.channel


def build(tools: Tools) -> Feature:
    """Plug in `support`."""
    support = Support(tools)
    return Feature(
        name=FEATURE,
        personal_data=KEEPS_NOTHING,
        commands=(
            command("support", Typed, support.support, anywhere=True, needs_community=False),
            command("emergency overdose", Emergency, support.overdose, shown=Shown.HIDDEN, needs_community=False),
            command("emergency country", Where, support.elsewhere, shown=Shown.HIDDEN, needs_community=False),
            command("menu support", Nothing, support.menu, shown=Shown.MENU, needs_community=False),
        ),
        guards=(support.guard,),
        guards_about_others=(support.worried,),
        guards_on_replies=(support.replying,),
        home=support.home,
    )
