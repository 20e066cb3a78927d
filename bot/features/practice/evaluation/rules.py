"""A handful of rules, as one would write them in an afternoon: the line that the models have to beat."""

from __future__ import annotations

import re
from typing import Final

from bot.features.practice.acts import Act

_RULES: Final = (
    (
        Act.JUDGEMENT,
        re.compile(r"\bat least\b|\byour (?:own )?fault\b|\bget over\b|\boverreact|\bdramatic\b|\bother people\b"),
    ),
    (
        Act.ADVICE,
        re.compile(
            r"\byou (?:should|need to|have to|must|could)\b|\bhave you tried\b|\bwhy don'?t you\b|^(?:try|maybe you)\b"
        ),
    ),
    (Act.OWN_STORY, re.compile(r"\bsame here\b|\bwhen i was\b|\bme too\b|\bi (?:had|went|did)\b")),
    (Act.QUESTION, re.compile(r"\?\s*$")),
    (
        Act.REASSURANCE,
        re.compile(r"\byou(?:'ve)? got this\b|\bwill be (?:ok|fine)\b|\bhugs?\b|\bproud of you\b|\bsorry\b"),
    ),
    (Act.REFLECTION, re.compile(r"\byou(?:'?re|'?ve|'?d)?\b|\bsounds like\b|\bseems\b")),
)


def by_rules(reply: str) -> Act:
    """Return the act that the first rule to fit names."""
    text = reply.casefold().replace("\u2019", "'")
    return next((act for act, rule in _RULES if rule.search(text)), Act.OTHER)
