"""Verbs by where they leave whoever does them, and what they do with things: base forms, in groups."""

from __future__ import annotations

MOVING = frozenset(
    "walk run stroll fly march ride sail drive crawl creep sneak skip race chase dash wander travel trot gallop"
    " float drift glide skate ski roam slide slither jog stride hurry sprint swim roll hop move cross pass follow"
    " approach go come head step enter leave exit return circle arrive rush tiptoe scamper slink dart climb rise"
    " ascend descend fall sink soar dive bounce flee swoop land jump leap drop tumble plunge plummet trudge"
    " stumble limp waddle prowl stalk flutter flit zoom speed hobble stagger pace patrol bound scurry scuttle"
    " pedal cycle paddle row wade slip saunter swagger amble shuffle totter lurch hurtle whizz plod bolt surge"
    " retreat recede advance vault clamber scale bustle toddle traipse meander streak barrel plow lumber lope"
    " canter swirl spiral cascade stream flow charge crash bump smash slam collide scoot pad skitter tramp tread"
    " surface emerge pop flap buzz topple whiz zigzag inch trundle thunder whoosh rumble zip weave wind careen"
    " veer swerve coast taxi cruise chug sashay mosey stomp clomp patter trek hike parade promenade ramble rove"
    " scramble shamble lollop gambol skulk skim slalom sled toboggan sledge snowboard skateboard rollerblade surf"
    " windsurf kayak canoe squeeze edge reverse withdraw stampede migrate parachute abseil rappel cartwheel"
    " somersault cannonball rocket wheel arc scud waft lunge frolic stray troop hasten motor strut traverse sidle"
    " back".split()
)
"""Verbs of getting somewhere, by base forms."""

UPWARDS = frozenset("climb rise ascend soar clamber scale surface".split())
DOWNWARDS = frozenset("descend fall sink land drop swoop dive tumble plunge plummet topple collapse".split())
ON_FOOT = frozenset(
    "walk run stroll march come trot stride hurry rush drive ride step head sneak creep crawl swagger saunter"
    " gallop wander limp skip jog dash race sail row roll cycle scurry scamper tiptoe slink stalk shuffle amble"
    " pad prowl sprint pace plod trudge approach pull waddle hobble stomp clomp patter toddle thunder trundle"
    " sidle back canter lope skate ski skateboard pedal lumber stagger stumble totter meander chug trek hike"
    " sashay mosey shamble lollop speed zoom swim paddle wade skid bustle charge".split()
)
"""Verbs of going about on the ground: "up" alone only says that somebody comes here, "down" nothing."""
LEAPING = frozenset("jump leap hop bounce vault".split())
AIRBORNE = frozenset("fly soar hover float glide levitate swoop".split())
FOLLOWING = frozenset("follow chase".split())
LEAVING = frozenset("leave exit flee".split())
HOLDING = frozenset("carry hold lift".split())
LEADING = frozenset("lead guide escort walk usher march".split())
"""Verbs of going with somebody behind one."""
PULLING = frozenset("drag pull haul tow lug tug".split())
TAKING = (
    HOLDING
    | PULLING
    | frozenset(
        "take grab pick catch collect fetch bring snatch raise cradle clutch grip steal clasp hug grasp brandish wield"
        " wave shake bang twirl flourish chew bite lick munch nibble seize shoulder hoist swing pluck scoop".split()
    )
)
"""Verbs after which a thing is in somebody's hands."""
PUTTING = frozenset(
    "slam dump put place set lay hang stick plant unroll spread pin nail stack lean rest balance prop pile load park"
    " seat hide bury stuff tuck mount fasten fix glue tie paint draw build arrange leave pour unfold open".split()
)
DROPPING = frozenset("drop lower spill".split())
GIVING = frozenset("give hand throw toss pass show bring offer slide roll fling lend lob pitch".split())
MEETING = frozenset("meet hug kiss".split())
PUSHING = frozenset(
    "push kick throw give hand toss hurl fling shove flick head slide roll bounce launch bat swat lob pitch pass hit"
    " punt dribble blow".split()
)
AIMING = frozenset(
    "look stare point gaze smile wave laugh shout bark sing nod talk whisper growl hiss roar snarl yell scream howl"
    " meow aim shoot grin frown wink bow cry glance peer peek glare beckon shrug salute squeak clap cheer".split()
)
"""Verbs that are done at somebody, from wherever one is."""
UPRIGHT = frozenset("sit lie kneel look stand bow wake get pick bend".split())
"""Verbs whose "up" and "down" are no way through the picture."""
