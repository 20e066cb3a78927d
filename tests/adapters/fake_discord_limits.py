"""What Discord refuses as an invalid form body (50035) or an empty message (50006)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.adapters.fake_discord_world import COMPONENTS_V2, Json, walk

ROW, BUTTON, SELECT, INPUT, TEXT, GALLERY, LABEL = 1, 2, 3, 4, 10, 12, 18
LINK = 5


def faults_in_message(payload: Json, flags: int, uploads: list[str]) -> Iterator[str]:
    """Yield what is wrong with a message of these flags and uploaded file names; nothing when it may be posted."""
    components: list[Json] = payload.get("components") or []
    content: str = payload.get("content") or ""
    every = list(walk(components))
    if flags & COMPONENTS_V2:
        if content or payload.get("embeds") or payload.get("poll"):
            yield "content, embeds and polls cannot stand beside components of the second version"
        if len(every) > 40:
            yield f"{len(every)} components where 40 fit"
        if (shown := sum(len(part["content"]) for part in every if part["type"] == TEXT)) > 4000:
            yield f"{shown} characters of text where 4000 fit"
    else:
        if len(content) > 2000:
            yield f"content of {len(content)} characters where 2000 fit"
        if any(part["type"] != ROW for part in components):
            yield "components of the second version without their flag"
        if len(components) > 5:
            yield f"{len(components)} rows where 5 fit"
    if len(str(payload.get("nonce") or "")) > 25:
        yield "a nonce longer than 25 characters"
    yield from _faults_in_parts(every)
    yield from _faults_in_media(every, uploads)


def is_empty(payload: Json, uploads: list[str]) -> bool:
    return not (payload.get("content") or payload.get("components") or payload.get("embeds") or uploads)


def faults_in_form(form: Json) -> Iterator[str]:
    """Yield what is wrong with a modal."""
    components: list[Json] = form["components"]
    if not 1 <= len(form["title"]) <= 45:
        yield f"a title of {len(form['title'])} characters where 1 to 45 fit"
    if not 1 <= len(components) <= 5:
        yield f"{len(components)} components in a form where 1 to 5 fit"
    if not 1 <= len(form["custom_id"]) <= 100:
        yield "the form's custom_id does not have 1 to 100 characters"
    yield from _faults_in_parts(list(walk(components)))


def faults_in_choices(choices: list[Json]) -> Iterator[str]:
    """Yield what is wrong with an answer to an autocompletion."""
    if len(choices) > 25:
        yield f"{len(choices)} choices where 25 fit"
    for choice in choices:
        if not 1 <= len(choice["name"]) <= 100 or not 1 <= len(str(choice["value"])) <= 100:
            yield f"a choice's name and value have 1 to 100 characters, not {choice}"


def _faults_in_parts(every: list[Json]) -> Iterator[str]:
    ids = [part["custom_id"] for part in every if "custom_id" in part]
    if len(ids) != len(set(ids)):
        yield f"custom_ids are not unique: {ids}"
    yield from (f"a custom_id has 1 to 100 characters, not {one!r}" for one in ids if not 1 <= len(one) <= 100)
    for part in every:
        yield from _faults_in_part(part)


def _faults_in_part(part: Json) -> Iterator[str]:
    kind: int = part["type"]
    if kind == ROW and len(part["components"]) > 5:
        yield "more than 5 buttons in a row"
    if kind == BUTTON and len(part.get("label") or "") > 80:
        yield f"a button's label has at most 80 characters, not {part['label']!r}"
    if kind == BUTTON and part["style"] != LINK and "custom_id" not in part:
        yield "a button without custom_id"
    if kind == SELECT and not 1 <= len(part["options"]) <= 25:
        yield f"{len(part['options'])} options where 1 to 25 fit"
    if kind == TEXT and not part["content"]:
        yield "an empty text display"
    if kind == INPUT:
        yield from _faults_in_input(part)
    if kind == LABEL:
        yield from _faults_in_label(part)


def _faults_in_input(part: Json) -> Iterator[str]:
    if len(part.get("value") or "") > (part.get("max_length") or 4000):
        yield "a prefilled value longer than its input takes"
    if len(part.get("placeholder") or "") > 100:
        yield "a placeholder longer than 100 characters"


def _faults_in_label(part: Json) -> Iterator[str]:
    if not 1 <= len(part["label"]) <= 45:
        yield f"a label has 1 to 45 characters, not {part['label']!r}"
    if part.get("description") is not None and not 1 <= len(part["description"]) <= 100:
        yield f"a label's description has 1 to 100 characters, not {part['description']!r}"


def _faults_in_media(every: list[Json], uploads: list[str]) -> Iterator[str]:
    items: list[Json] = [item for part in every if part["type"] == GALLERY for item in part["items"]]
    urls: list[str] = [item["media"]["url"] for item in items]
    urls += [part["media"]["url"] for part in every if part["type"] == 11]
    urls += [part["file"]["url"] for part in every if part["type"] == 13]
    for url in urls:
        if url.startswith("attachment://") and url.removeprefix("attachment://") not in uploads:
            yield f"{url} names no uploaded file"
    yield from (
        "a description of media longer than 1024 characters"
        for item in items
        if len(item.get("description") or "") > 1024
    )
