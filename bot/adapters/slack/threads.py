"""In which thread something is posted."""

from __future__ import annotations

from bot.core.port import Address, ReplyTo, Thread


def thread_at(to: Address) -> str:
    """Return the message above the thread of an address, "" where there is none."""
    match to:
        case Thread(id=parent):
            return parent
        case ReplyTo(message=parent, thread=thread):
            return thread or parent
        case _:
            return ""
