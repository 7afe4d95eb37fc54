"""Which nouns name things that stand somewhere, so that a place by one of them is a place in the picture."""

from __future__ import annotations

from functools import lru_cache

from dreamrunner.planning.english.beings import nature_of
from dreamrunner.planning.english.lexicon import usual_size
from dreamrunner.planning.english.verbs import BODY
from dreamrunner.planning.english.word_forms import noun_lemma

_THINGS = frozenset(
    # furniture and what is in houses
    "table desk chair armchair sofa couch bench stool seat bed cot crib cradle hammock shelf bookshelf bookcase"
    " cupboard"
    " cabinet wardrobe closet drawer dresser chest trunk counter bar bookstand easel lectern altar pew podium pedestal"
    " sink bath bathtub tub shower toilet oven stove fridge refrigerator freezer fireplace hearth furnace radiator"
    " piano"
    " organ harp drum television tv screen computer laptop printer telephone phone clock mirror painting portrait"
    " picture"
    " poster curtain blind rug carpet mat pillow cushion blanket quilt mattress lamp lantern candle chandelier"
    # parts of buildings and streets
    " door doorway doorstep gate window windowsill sill ledge wall fence railing balustrade stairs stairway staircase"
    " step steps ladder pillar column post pole beam rafter roof chimney porch hydrant lamppost streetlight signpost"
    " sign"
    " billboard mailbox letterbox bin dustbin kerb curb manhole drain pavement sidewalk crosswalk kiosk stall booth"
    " stand"
    " statue fountain well monument gravestone tombstone grave scaffold scaffolding crane pump trough"
    # plants, stones and what is outdoors
    " tree oak pine willow birch palm bush hedge shrub plant flower flowers rose reed reeds haystack log stump"
    " branch twig root trunk vine mushroom leaf leaves cactus fern rock stone boulder pebble puddle sandcastle snowman"
    " snowdrift anthill nest hive burrow hole pit ditch fire campfire bonfire tent scarecrow swing slide seesaw sandbox"
    " hammock trampoline net goal goalpost target buoy raft plank jetty mast rope"
    # vessels, tools, clothes, food, toys
    " pot pan kettle cauldron bowl plate dish tray cup mug glass bottle jar jug vase basket bucket pail barrel crate"
    " box"
    " case suitcase bag sack backpack rucksack purse handbag wallet safe cage aquarium anvil hammer saw axe spade"
    " shovel"
    " rake broom mop ball balloon kite doll toy teddy puzzle chessboard book newspaper letter map umbrella parasol hat"
    " coat boot shoe sword shield spear bow gun cannon cake pie loaf bread apple orange banana pumpkin watermelon melon"
    " cheese sandwich pizza treasure coin crown throne coffin cross bell wheel net microphone camera tripod rainbow"
    # vehicles
    " bicycle bike motorcycle scooter skateboard surfboard sled sledge sleigh cart wagon carriage wheelbarrow pram"
    " stroller"
    " wheelchair canoe kayak boat ship raft ferry yacht train tram bus car truck van taxi tractor plane airplane"
    " helicopter rocket spaceship satellite drone rover".split()
)
_NO_THINGS = frozenset(
    "sun moon star stars sky moonlight sunlight spotlight light darkness dark shadow shadows rain snow wind storm air"
    " ground floor earth surface water way side end middle centre center distance edge top bottom front back left right"
    " corner night day morning evening afternoon dawn dusk moment while minute hour second time breath voice sound"
    " noise"
    " silence music name mind thought idea dream weight pressure control care cover sea ocean horizon line row circle"
    " pair others other one first last rest half part place spot direction speed hurry rage anger joy fear surprise"
    " circumstances condition stare gaze smile look sight view nose frame picture scene camera viewer audience screen"
    " reach heat cold foot feet pace step bit inch metre meter mile lot stage background foreground".split()
)
"""Nouns that a place may be told by though no thing stands there."""


@lru_cache(1024)
def is_thing(noun: str) -> bool:
    """Whether a noun names a thing or somebody that stands in some place."""
    one = noun_lemma(noun)
    if {one, noun} & (_NO_THINGS | BODY):
        return False
    return bool({one, noun} & _THINGS) or bool(nature_of(one)) or usual_size(one) is not None


def is_no_thing(noun: str) -> bool:
    """Whether a place that a noun tells is none by a thing."""
    return bool({noun_lemma(noun), noun} & (_NO_THINGS | BODY))
