"""What one clause means for all entities in it: meeting, following, carrying and pushing."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import cast

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.lexicon import usual_size
from dreamrunner.planning.english.verb_groups import (
    AIRBORNE,
    DROPPING,
    GIVING,
    HOLDING,
    LEADING,
    MEETING,
    MOVING,
    PULLING,
    PUSHING,
    PUTTING,
    TAKING,
)
from dreamrunner.planning.narration.events import Change, Event, Path, SpatialRelation, Way
from dreamrunner.planning.narration.groups import grouped
from dreamrunner.planning.narration.phrases import Phrase, relation_in
from dreamrunner.planning.narration.rewording import reworded

_RIDING = frozenset("ride drive sail row steer paddle pilot pedal".split())
_OF = (
    "pile|stack|heap|bunch|piece|pair|cup|glass|bowl|loaf|bit|handful|bag|box|basket|bottle|plate|set|length|load|bundle"
    "|sack|crate|tray|string"
)
"""Words for how much of a thing there is."""
_OFFERING = frozenset("give hand offer show bring lend".split())
_TOWING = frozenset("tow pull drag haul tug".split())
OFF = frozenset("knock push kick sweep swat brush blow bat shove nudge".split())
"""Verbs that let fall what they send off something."""
_SLOW = frozenset("follow waddle walk toddle hobble limp shuffle crawl creep stroll wander plod amble sneak".split())
_WINGED = frozenset("flap flutter flit buzz".split())
_LIFTING = frozenset("lift raise hoist carry heave".split())
_ON_THINGS = frozenset("bite lick chew munch nibble wave shake bang swing pluck wield brandish swat hit".split())
"""Verbs that have a thing in somebody's hands or mouth, but no person and no animal."""
_LARGE = frozenset("cart sled sledge wagon sleigh carriage plough plow trailer car boat barge truck".split())
"""What goes behind who pulls it, and not in a hand."""


_BEARING_UP = frozenset("balloon balloons kite parachute drone helicopter airship rocket".split())
"""Things that go up together with what they lift."""
_STANDING = frozenset(
    "ladder door gate fence wall railing rail bar counter desk table bed sofa couch bench wardrobe cupboard fridge"
    " oven stove piano pole post pillar column mast branch trunk bush hedge window curtain sign statue fountain well"
    " machine wheelchair tent cage barrel throne swing slide".split()
)
_PLACE_WORD = re.compile(
    r" (?:in|at|on|onto|into|through|across|over|under|by|past|to|towards?|from|up|down|off|out|away|around|round|back"
    r"|left|right|over|along|behind|against|aside|forwards?|backwards?|high|hard|far|and|while|as|\w+ly|with|so|until)\b"
)
"""What may follow somebody who is pushed or thrown; another word there is what he or she is given."""
_HANDY = 0.9
"""The greatest usual size of what is held after it was shaken, grabbed or bitten."""


def interaction(
    subjects: Sequence[str],
    verb: str,
    motion: str,
    said: Phrase,
    tail: str,
    change: Change | None,
    names: Sequence[str],
    characters: Collection[str],
) -> list[Event]:
    """The events of a clause: its ``subjects`` do ``motion``, whose verb has
    the base form ``verb``, as the phrase ``said`` says.

    ``tail`` is the text of the phrase, in which ``@0`` is the first of ``names``. An entity that is followed, met or
    carried gets an event too.
    """
    events = [
        Event(
            name,
            motion if name in characters else "",
            path=said.path if said.path and said.path.other != name else None,
            relation=said.relation
            if said.relation and name not in (said.relation.other, said.relation.and_other)
            else None,
            side=said.side,
            height=said.height,
            change=change,
            verb=verb,
        )
        for name in subjects
    ]
    tail = re.sub(rf"\b(?:{_OF}) of (?=@)", "", tail)
    around = r"\w+ly |up |down |out |off |away |along |back |aloft " if verb not in MOVING else r"\w+ly "
    bare = re.match(rf"(?:{around})*@(\d+)", tail)
    thing = names[int(bare[1])] if bare else ""
    if said.together and len(subjects) > 1:
        return _together(events, said.together)
    behind = re.search(r"\bwith @(\d+) (?:\w+ )?behind\b(?! @)", tail)
    if behind and verb in MOVING and names[int(behind[1])] not in subjects:
        go = events[0].path or Path("go", heading=1)
        after = Event(
            names[int(behind[1])], motion if names[int(behind[1])] in characters else "",
            path=Path("follow", subjects[0], go.heading),
        )  # fmt: skip
        return [*(replace(event, path=go, relation=None) for event in events), after]
    if (apart := grouped(events, verb, tail, names)) != events:
        return apart
    if verb == "kiss" and thing in characters and thing not in subjects:
        return [replace(event, path=Path("to", thing), relation=None) for event in events]
    if verb in MEETING and thing and thing not in subjects and (thing in characters or verb == "meet"):
        other = replace(events[0], entity=thing, motion=motion if thing in characters else "")
        return _together([events[0], other], 1)
    heading = said.path.heading if said.path else 0
    if said.path and said.path.way == "follow" and said.path.other not in subjects:
        ahead = said.path.other
        if verb in ("dive", "jump", "leap", "plunge", "climb") and ahead in characters:
            return [replace(event, path=None) for event in events]  # "she dives after him": he may be anywhere
        fleeing = "walking" if verb in _SLOW else "flying" if verb in AIRBORNE | _WINGED else "running"
        fleeing = fleeing if ahead in characters else ""
        flight = Path("go", heading=heading or 1)
        if bare and (way := re.match(r" (up|down|into|onto|over|around|round) @(\d+)", tail[bare.end() :])):
            ways: dict[str, Way] = {"round": "around"}
            flight = Path(ways.get(way[1]) or cast(Way, way[1]), names[int(way[2])])  # "chases the cat up the tree"
        return [*events, Event(ahead, fleeing, path=flight)]
    if (
        verb in GIVING
        and (given := re.match(r"@(\d+) (?:[a-z]+ )?@(\d+)", tail))
        and names[int(given[1])] in characters
    ):
        # "gives the boy a ball"
        to, thing = names[int(given[1])], names[int(given[2])]
        between = SpatialRelation("between", subjects[0], to)
        return [*(replace(event, path=None, relation=None) for event in events), Event(thing, path=Path("to", to),
                                                                                      relation=between)]  # fmt: skip
    if (
        verb in GIVING
        and thing in characters
        and thing not in subjects
        and re.match(r" [a-z]+(?: |$)", tail[bare.end() :] if bare else "")
        and not _PLACE_WORD.match(tail[bare.end() :] if bare else "")
    ):
        return [replace(event, path=None, relation=None) for event in events]  # "hands him the string"
    if verb in _OFFERING and thing in characters and thing not in subjects:
        return [replace(event, path=None, relation=None) for event in events]
    if (
        verb in PUTTING
        and bare
        and thing not in subjects
        and (there := relation_in(reworded(tail[bare.end() :].strip(), verb), list(names)))
    ):
        by = SpatialRelation("beside", thing) if there.kind in ("left", "right") else None
        return [*(replace(event, path=None, relation=by) for event in events), Event(thing, relation=there)]
    if verb in DROPPING and thing and thing not in subjects:
        onto = relation_in(tail[bare.end() :], list(names)) if bare else None
        dropped = Event(thing, path=Path("down"), relation=onto)
        return [*(replace(event, path=None, relation=None) for event in events), dropped]
    if verb in LEADING and thing in characters and thing not in subjects:
        go = said.path or Path("go", heading=heading or 1)
        led = Event(thing, "walking", path=Path("follow", subjects[0], go.heading))
        return [*(replace(event, path=go, relation=None) for event in events), led]
    towed = thing in characters and verb in _TOWING and not re.search(r"\b(?:up|down|out|off|from)\b", tail)
    large = bool(_LARGE.intersection(in_words(thing).split()))
    thing_pulls = not set(characters).intersection(subjects)
    if thing and thing not in subjects and verb in PULLING and (large or towed or thing_pulls):
        go = said.path if said.path and said.path.way != "from" else Path("go", heading=heading or 1)
        pulled = Event(thing, path=Path("follow", subjects[0], go.heading))
        return [*(replace(event, path=go, relation=None) for event in events), pulled]
    if thing in characters and thing not in subjects and verb in _LIFTING - {"carry"}:
        lifted = SpatialRelation("above", subjects[0])
        return [*(replace(event, path=None, relation=None) for event in events), Event(thing, relation=lifted)]
    if thing and thing not in subjects and verb in _LIFTING and re.search(r"\bupwards?\b|\binto air\b|\bhigh\b", tail):
        flies = bool(_BEARING_UP.intersection(in_words(subjects[0]).split())) and subjects[0] not in characters
        bearing = SpatialRelation("under" if flies else "held", subjects[0])
        lifts = [replace(event, path=Path("up") if flies else None, relation=None) for event in events]
        where = bearing if flies or subjects[0] in characters else None
        return [*lifts, Event(thing, path=None if flies else Path("up"), relation=where)]
    if thing and thing not in subjects and verb in TAKING and verb not in HOLDING | PULLING and _stands(thing):
        near = SpatialRelation("beside", thing)
        return [replace(event, relation=event.relation or (near if event.path is None else None)) for event in events]
    alive = not set(characters).isdisjoint(subjects)
    if thing in characters and thing not in subjects and verb in _ON_THINGS and alive:
        return [replace(event, path=None) for event in events]  # "the poodle bites him"
    if thing and thing not in subjects and verb in TAKING:
        return [
            *(
                replace(
                    event,
                    relation=None,
                    path=None if said.path and said.path.way in ("from", "up", "down") else event.path,
                )
                for event in events
            ),
            Event(thing, relation=SpatialRelation("held", subjects[0])),
        ]
    seat = re.search(r"\bon @(\d+)", tail)
    if (
        verb in _RIDING
        and (mount := thing or _on(said) or (names[int(seat[1])] if seat else ""))
        and mount not in subjects
    ):
        carried = "running" if mount in characters else ""
        return [
            *(replace(event, path=None, relation=SpatialRelation("on", mount)) for event in events),
            Event(
                mount,
                carried,
                path=said.path if said.path and said.path.other != mount else Path("go", heading=heading),
            ),
        ]
    if verb in OFF and thing and thing not in subjects and re.match(r"@\d+ (?:\w+ly )?off\b", tail):
        edge = re.search(r"\boff @(\d+)", tail)
        falls = Path("down", names[int(edge[1])] if edge else "")
        return [*(replace(event, path=None, relation=None) for event in events), Event(thing, path=falls)]
    if verb == "upset" and thing:
        return [*(replace(event, path=None, relation=None) for event in events), Event(thing, verb="topple")]
    if verb == "push" and thing in characters and re.match(r"@\d+ on swing\b", tail):
        return [replace(event, path=None, relation=None) for event in events]
    seated = re.match(r"@\d+ on @(\d+)$", tail) if verb == "push" else None
    if seated and thing in characters and thing not in subjects:  # "pushes her on the swing"
        swing = names[int(seated[1])]
        on, rear = SpatialRelation("on", swing), SpatialRelation("behind", swing)
        return [*(replace(event, path=None, relation=rear) for event in events), Event(thing, relation=on)]
    if verb == "push" and thing and thing not in subjects:
        pushed = Event(thing, path=Path("go", heading=heading or 1))
        return [*(replace(event, path=Path("follow", thing, heading or 1), relation=None) for event in events), pushed]
    if verb in ("blow", "hit", "bounce", "head") and re.fullmatch(r"@\d+", tail):
        return events  # "blows the whistle"
    if verb in PUSHING and thing and thing not in subjects and not (verb == "hit" and not alive):
        return [*(replace(event, path=None, relation=None) for event in events), *_sent(events, thing, said, heading)]
    if said.company and said.company in characters and said.company not in subjects:
        lead = events[0]
        friend = Event(said.company, motion, path=lead.path, verb=verb)
        if verb in MOVING and not (lead.path and lead.path.way not in ("go", "leave", "enter")):
            go = lead.path or Path("go", heading=1)
            return [replace(lead, path=go), replace(friend, path=Path("follow", lead.entity, go.heading))]
        return [replace(lead, relation=None), replace(friend, relation=SpatialRelation("beside", lead.entity))]
    if said.company and said.company not in characters and verb not in MOVING:
        return [replace(event, relation=event.relation or SpatialRelation("beside", said.company)) for event in events]
    return events


def _together(events: list[Event], way: int) -> list[Event]:
    """The events of two or more who go towards each other (``way`` is 1) or apart (-1): the first is on the left."""
    middle = (len(events) + 1) // 2
    left, right = events[:middle], events[middle:]
    kind: Way = "to" if way > 0 else "from"
    return [
        *(replace(event, path=Path(kind, right[0].entity, way), relation=None) for event in left),
        *(replace(event, path=Path(kind, left[-1].entity, -way), relation=None) for event in right),
    ]


def _sent(events: list[Event], thing: str, said: Phrase, heading: int) -> list[Event]:
    """The event of the thing that somebody pushes, kicks or throws: it goes to the one it is thrown to, else away from
    who sent it."""
    if said.path and said.path.way in ("up", "down") and not said.path.other:
        return [Event(thing, path=said.path)]
    if said.path and said.path.other and said.path.other != thing:
        between = SpatialRelation("between", events[0].entity, said.path.other)
        return [Event(thing, path=replace(said.path, heading=heading), relation=between)]
    return [Event(thing, path=Path("from", events[0].entity, heading or 1))]


def _stands(thing: str) -> bool:
    """Whether a thing is none that is taken into hands: whoever shakes or grabs it comes to it."""
    words = in_words(thing)
    return bool(_STANDING.intersection(words.split())) or (usual_size(words) or 0) > _HANDY


def _on(said: Phrase) -> str:
    return said.relation.other if said.relation and said.relation.kind == "on" else ""
