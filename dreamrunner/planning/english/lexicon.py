"""The English words that the offline planner knows: what characters do, places and sizes, and how to put them."""

from __future__ import annotations

import re

from dreamrunner.files.text import in_words
from dreamrunner.planning.english.word_forms import ing_form, noun_lemma, verb_lemma, with_article

VERBS = frozenset(
    "walk run stroll sit stand lie sleep nap dream jump hop leap wave dance sing fly swim dive climb crawl ride"
    " sail drive eat drink cook stir bake read write paint draw play throw catch kick dig plant water pick sweep"
    " clean watch look stare smile laugh cry shout talk whisper bow clap point hug kiss fight hide sneak march"
    " skate ski spin turn fall rest wait kneel stretch yawn wander roam travel hurry chase fish knit juggle nod"
    " cheer float roll carry push pull lift build hold gallop trot skip hover glide soar rise descend sink land"
    " bounce slide follow rush tiptoe scamper slink dart sprint jog bend growl bark meow purr roar shake tremble"
    " bloom grow shrink swing howl sniff hunt row drum rake saw hammer melt drop swoop perch lean hang give hand"
    " creep wake aim anchor applaud argue barbecue bat bathe beat beckon bite bleat blink blossom blow bob boil"
    " bowl box brush bubble burn burst buzz camp carve celebrate chant charge chat chatter chew chirp chop chuckle"
    " close cluck collapse conduct cough crash croak crouch crumble cuddle curtsy cut cycle dock drag dribble"
    " drift drown duck duel dust embrace exercise explode feed fence film flap flicker fling flit flutter fold"
    " frown fry gasp gather gaze gesture giggle glance glare glow gobble grab grasp graze greet grill grin harvest"
    " hatch haul heave hiss hit hobble hoot hum hurl iron knead knock leak lick limp listen lock lounge meditate"
    " moo mop munch neigh nibble nudge oink open pace pack paddle patrol peck pedal peek peel peer perform pet"
    " photograph pinch pirouette plough plow pluck poke polish pounce pour prance pray preen prowl punch quack"
    " quarrel reach recite record relax ring rock rub saddle salute scratch scream scribble scrub sculpt search"
    " serve sew shatter shine shiver shoot shove shower shrug sigh sip sketch slap slice slither slouch slurp"
    " smoke snarl snatch sneeze snore snorkel snort sob sort spar sparkle spill splash sprinkle sprout squat"
    " squeak squeeze squirm stack stagger stalk stamp steam steer stomp stoop strike stroke strum study stumble"
    " sunbathe surf swallow sway tap taste teach tickle tie toast toss touch trip trudge tug tumble tweet twinkle"
    " twirl type unfold unlock unpack unroll untie vault waddle wade wag wash weave weep whinny whirl whistle"
    " wiggle wink wobble wrap wrestle wriggle yell abseil ambush arch ascend attack balance bang baptise baptize"
    " baste batter bawl beam bellow bicker billow bind blend bless blindfold block blubber blush boo boogie boost"
    " braid brandish bray breakfast breathe brew bristle bruise buckle buff bump bundle button cackle cannonball"
    " canter capsize caress carol cartwheel cast catapult caw chip chisel choke chomp chug clamp clang clank clasp"
    " clatter claw clench click cling clink clip clutch coil comb cool cower crack cringe crinkle crochet crow"
    " crumple crunch crush curtsey dab dangle deal decorate defend deflate demonstrate devour dial dice dine dip"
    " disembark dodge doodle douse doze drape drill drip drool droop drowse dump dunk ease edge elbow evade"
    " evaporate examine exhale exhibit eye facepalm faint fan fasten feast fidget fire fizz flail flare flash"
    " flatten flex flick flinch flip flop flounder foam forge frolic frost fumble gag gape gargle garnish gawk"
    " genuflect glisten glitter gloat gnash gnaw goggle grieve grimace grind groan groom grope grunt guard guffaw"
    " gulp gurgle gush guzzle hack haggle hail handstand heel herd hesitate hitch hoe honk hose hunch hurdle hush"
    " ignite inch inhale inspect irrigate jab jabber jerk jiggle jingle jive jolt jostle joust kindle knot lace"
    " ladle lap lash lasso lather light limbo loll loom lunch lunge lurch mash massage measure mend milk mime mix"
    " moan mourn mow mumble murmur mutter nail nestle nip nosh nurse nuzzle ogle pant parachute parade parry pat"
    " paw peep pester picnic pin  pitch plait plane plaster pledge plop plump polka ponder pop pose pout"
    " preach press prick prod prostrate prune puff pulse pummel pump purse quake quiver rap rappel rattle reap"
    " rear recline recoil reel rehearse rejoice reload rinse rip ripple romp rotate ruffle rummage rustle sag"
    " sample sand sandpaper saunter savor savour scald scan scoff scold scoop scorch scour scowl scramble scrape"
    " screech screw scrunch scuff scuffle seal seethe shave shear shelter shield shimmer shimmy shovel shred"
    " shriek shrivel shudder shuffle sieve sift signal simmer sizzle skateboard skewer skid skim skydive slam"
    " slash slather sled slumber slump smack smash smear smirk smooch smother smoulder snap snicker sniffle"
    " snigger snip snooze snowboard snuff snuggle solder somersault sow spank spark spear spit splatter splinter"
    " split sprawl spray spread spurt sputter spy squash squawk squeal squelch squint squirt squish stab stammer"
    " stitch stoke straddle straighten strangle strap strut stub stuff stutter suck sulk surrender swab swat swear"
    " sweat swerve swig swipe swirl swish tackle tango tattoo tear tease tense tether text thrash thread thresh"
    " throb thrust thud thump tidy tighten tilt tinker tinkle tip toil toot topple trace trample trim trowel tuck"
    " twang twiddle twist twitch unbuckle unbutton uncoil undress unfurl unlace unload unscrew unwind unwrap unzip"
    " vacuum varnish vibrate vow wail wallow waltz weed welcome weld wheeze whimper whine whip whisk whitewash"
    " whittle whoop wield wilt wince wind windsurf wipe wither wring writhe yank yap yelp yodel zap zip raise"
    " lower shut break steal settle idle load empty fill breach huff whirr creak windmill loop sign teeter wallop"
    " thwack practise practice photograph bask".split()
)
"""What characters do, by base forms: the motions that a narration can name without the story declaring them."""

SETTINGS = (
    "garden kitchen forest wood woods jungle meadow field park beach shore seaside island sea ocean lake river pond"
    " stream waterfall bridge desert mountain mountains hill hills valley cave cliff castle palace tower dungeon throne"
    " room bedroom bathroom library classroom school hospital office laboratory workshop studio theatre theater stage"
    " museum church temple house cottage cabin hut barn farm stable attic cellar tent camp village town city street"
    " alley road path market shop cafe restaurant bakery tavern inn station train harbour harbor port ship boat dock"
    " airport spaceship planet moonscape sky clouds orchard vineyard graveyard playground stadium rooftop balcony"
    " terrace courtyard hall corridor staircase ballroom ruins swamp glade clearing underwater reef snow"
).split()
"""Nouns for places."""

_SETTING_PHRASES = {
    "bed": "a bedroom",
    "wood": "a forest",
    "throne": "a throne room",
    "underwater": "an underwater scene",
    "snow": "a snowy field",
    "sky": "the sky",
    "sea": "the sea",
    "ocean": "the ocean",
    "seaside": "the seaside",
}

TIMES_OF_DAY = {
    "night": "at night", "midnight": "at night", "moonlight": "at night", "dusk": "at dusk", "sunset": "at sunset",
    "dawn": "at dawn", "sunrise": "at sunrise",
}  # fmt: skip

DETERMINERS = frozenset("a an the this that his her its their my our your some".split())
PREPOSITIONS = frozenset(
    "in at on into onto through across under over near by inside outside within along around behind beside between"
    " beyond to toward towards from among amid up down past of with".split()
)
PRONOUNS = frozenset("he she they".split())

COLOURS = frozenset("red orange yellow green blue purple violet pink brown black white grey gray golden silver".split())

MORE_COLOURS = COLOURS | frozenset(
    "beige crimson cyan indigo khaki lavender lilac magenta maroon mauve navy scarlet teal turquoise".split()
)
"""Colours that what somebody looks like may name; some of the words are other things in a sentence."""

WALKS = frozenset("go come move head step enter leave exit return approach cross pass meet arrive flee circle".split())
"""Verbs of getting somewhere that don't say how: whoever does it is walking."""

_SIZES = {
    "tiny": 0.55, "little": 0.8, "small": 0.8, "short": 0.8, "young": 0.85, "baby": 0.65, "big": 1.25, "large": 1.25,
    "tall": 1.2, "great": 1.25, "huge": 1.4, "giant": 1.4, "gigantic": 1.5, "enormous": 1.4, "massive": 1.4,
}  # fmt: skip

_KINDS = {
    0.5: "ant bee bug butterfly coin fly key ladybird leaf mouse ring snail spider",
    0.65: "apple ball bird book bottle candle crow cup flower frog gem hat lamp mushroom owl parrot rat sparrow star",
    0.8: "bag basket bucket cat chicken duck flowers fox goose hen kitten lantern pot puppy rabbit squirrel sword"
    " umbrella",
    0.9: "box bush cauldron chair chest child dog lamb monkey penguin pig sheep snowman stone wolf",
    1.15: "bear bull camel car carriage cow deer giraffe horse lion tiger unicorn wagon",
    1.3: "boat bridge bus cottage dinosaur dragon elephant gate house hut mill ship tent train tree truck whale",
    1.4: "castle church cliff hill mountain palace tower",
}
_KIND_SIZES = {word: size for size, words in _KINDS.items() for word in words.split()}


def size_word(word: str) -> float | None:
    """How large a word of size makes a thing, compared with its usual size; ``None`` for another word."""
    return _SIZES.get(word)


def usual_size(words: str) -> float | None:
    """How large what ``words`` name usually is, compared with a person: of the last noun known; else ``None``."""
    for word in reversed(re.findall(r"[a-z]+", words.lower())):
        for form in (word, noun_lemma(word)):
            if form in _KIND_SIZES:
                return _KIND_SIZES[form]
    return None


def described_as(looks: str, noun: str, attribute: str) -> str:
    """Say that a thing has an attribute: "a leaf" that is red is "a red leaf", a robot that is a frog is "a frog"."""
    if attribute.split()[0] in ("a", "an"):
        return attribute
    words = looks.split()
    head = next((at for at, word in enumerate(words) if word.strip(",").lower() in noun.split()), None)
    if head is None:
        return f"{attribute} {noun}" if not noun else f"{with_article(f'{attribute} {noun}')}"
    if head and words[0].lower() in DETERMINERS:
        rest = [word for word in words[1:head] if word.lower() not in COLOURS]
        return " ".join([with_article(" ".join([attribute, *rest, words[head]])), *words[head + 1 :]])
    return " ".join([*words[:head], attribute, *words[head:]])


def ing_phrase(motion: str) -> str:
    """Say a motion's name in words that follow "is": ``stirring-a-pot`` and ``stir-a-pot`` are "stirring a pot"."""
    first, *rest = in_words(motion).split()
    return " ".join([ing_form(first), *rest])


def setting_phrase(noun: str, adjectives: str = "") -> str:
    """Say a place as a background: "a moonlit garden", "the sea", "woods"."""
    if not adjectives and noun in _SETTING_PHRASES:
        return _SETTING_PHRASES[noun]
    return with_article(f"{adjectives} {noun}".strip())


def in_place(phrase: str) -> str:
    """Put the preposition before a place: "on a beach", "in a garden"."""
    return f"{'on' if _ON.intersection(phrase.split()) else 'in'} {phrase}"


_ON = frozenset(
    "beach shore island bridge mountain hill hills cliff street road path ship boat dock roof rooftop balcony terrace"
    " stage farm playground planet staircase".split()
)


def is_setting(word: str) -> bool:
    """Tell whether a word names a place."""
    return word in _SETTING_SET


_SETTING_SET = frozenset(SETTINGS) | frozenset(_SETTING_PHRASES)


def sentence(text: str) -> str:
    """Write a description as a sentence: a capital first, a full stop last."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "\u2026")) else text + "."


def lemma(motion: str) -> tuple[str, ...]:
    """What all forms of a motion share: "stirs-the-pot", "stirring-a-pot" and "stirred pot" give the same."""
    first, *rest = in_words(motion).lower().split()
    return verb_lemma(first), *(word for word in rest if word not in DETERMINERS)
