"""Verbs by what they mean for a picture: which are seen, and which only say that something is meant, said or begun."""

from __future__ import annotations

BEGINNING = frozenset("begin start continue keep proceed resume burst".split())
CEASING = frozenset("stop finish quit cease".split())
TRYING = frozenset("try attempt manage dare struggle pretend seem appear happen".split())
"""Verbs after which the act is seen: who tries to climb is filmed climbing."""
WISHING = frozenset(
    "want wish hope plan decide refuse fail forget hesitate long need prefer intend promise offer agree expect learn"
    " ask tell order beg invite like love hate threaten mean prepare swear yearn fear avoid miss deserve choose advise"
    " warn urge forbid allow teach persuade imagine consider".split()
)
"""Verbs after which the act may never come."""
SPEAKING = frozenset(
    "say ask reply answer explain announce exclaim declare cry call mutter murmur mumble remark add whisper shout yell"
    " scream tell sing beg order talk warn plead report inform repeat protest insist boast joke".split()
)
SAYING = frozenset(
    "say ask reply answer explain announce exclaim declare mutter murmur mumble remark tell call warn beg plead report"
    " inform repeat protest insist boast joke".split()
)
"""Verbs of speaking that are seen as talking."""
MENTAL = frozenset(
    "think know believe remember forget wonder feel dream imagine realize realise understand suppose guess doubt"
    " worry trust recall mind care consider suspect hear sense decide agree".split()
)
STATES = frozenset("be stay remain have own belong live exist seem appear".split())
POSING = frozenset(
    "place mount hang put seat park tie attach cover fill dress lay set position situate balance prop suspend perch"
    " lean crouch stand sit locate pile stack plant carve draw paint float scatter surround nestle".split()
)
"""Verbs whose participle says where something is: "a lamp placed on a table"."""
INVERTING = POSING | frozenset("be lie sleep rest wait hide grow live come go run walk fly swim kneel dwell".split())
"""Verbs that may stand before who does it: "on the table sits the cat"."""
BODY = frozenset(
    "chin chins hair feathers hackles jaw lips eyebrow eyebrows knuckles thumb thumbs fur muzzle snout heels"
    " elbow elbows head shoulder shoulders back lap knee knees arm arms hand hands palm nose finger fingers chest"
    " tummy stomach"
    " foot feet face neck leg legs paw paws mouth beak teeth claws wing wings tail trunk belly side ear ears"
    " tongue jaws fist fists hip eye eyes body forehead beard cheek cheeks tooth toes toe horn horns mane talons"
    " hoof hooves".split()
)
"""Parts of somebody: what is on them is on him or her."""
GARMENTS = frozenset(
    "hat cap crown coat dress suit cape cloak boots shoes scarf helmet mask robe gown armour armor jacket sweater"
    " hoodie"
    " shirt blouse trousers pants jeans shorts skirt vest waistcoat cardigan jumper tuxedo uniform costume apron"
    " overalls"
    " pajamas pyjamas onesie kimono sari toga tunic bonnet beret beanie hood gloves mittens socks sneakers sandals"
    " slippers wig tutu leotard swimsuit bikini dungarees raincoat nightgown veil poncho shawl".split()
)
"""What somebody is in who wears it."""
GRASPING = frozenset("hand hands arm arms talons claws paws paw mouth beak jaws teeth tail trunk fist fists".split())
"""Parts that hold what is in them."""
QUANTITIES = frozenset("some one half most many few two three all each both several part any".split())
DRIVING = frozenset("blow sweep carry drag wash toss push pull lift knock".split())
"""Verbs whose object moves, whoever does them: "the wind blows the leaf"."""
COMMON = frozenset(
    "swap switch trade exchange appear disappear vanish become turn change fade put place take bring come go get leave"
    " enter meet see hear say tell ask call move pass cross approach follow arrive return grow shrink set show"
    " scuttle scurry scamper shuffle saunter stagger totter lurch hurtle plod bolt surge retreat recede advance clamber"
    " swerve swirl spiral dodge scoot skid"
    " miss lose win send spend earn save share check use help start work slip manage block refuse fetch deliver gain"
    " inflate swell expand enlarge deflate shrivel dwindle contract scale recede".split()
)
"""Other verbs that are likelier verbs than nouns."""
LIGHT = frozenset("take have give do make go".split())
"""Verbs that leave the act to a noun: "takes a walk"."""
HAVING = frozenset("have wear own possess bear".split())
