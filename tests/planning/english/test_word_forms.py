"""Forms of English words, by tables: verbs that stems got wrong and that stories use, articles by sound, plurals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dreamrunner.planning.english.lexicon import ing_phrase, lemma
from dreamrunner.planning.english.word_forms import (
    ing_form,
    is_plural,
    name_with_article,
    noun_lemma,
    verb_lemma,
    with_article,
)

VERBS = """
agree agrees agreed agreeing
argue argues argued arguing
ask asks asked asking
bake bakes baked baking
beg begs begged begging
begin begins began begun beginning
blow blows blew blown blowing
break breaks broke broken breaking
bring brings brought bringing
build builds built building
buy buys bought buying
care cares cared caring
catch catches caught catching
change changes changed changing
chase chases chased chasing
chat chats chatted chatting
choose chooses chose chosen choosing
clap claps clapped clapping
close closes closed closing
come comes came coming
creep creeps crept creeping
cry cries cried crying
cut cuts cutting
dance dances danced dancing
die dies died dying
dig digs dug digging
do does did done doing
draw draws drew drawn drawing
drink drinks drank drunk drinking
drive drives drove driven driving
dye dyes dyed dyeing
eat eats ate eaten eating
enjoy enjoys enjoyed enjoying
enter enters entered entering
feed feeds fed feeding
fight fights fought fighting
flee flees fled fleeing
fly flies flew flown flying
forget forgets forgot forgotten forgetting
freeze freezes froze frozen freezing
gallop gallops galloped galloping
get gets got getting
give gives gave given giving
go goes went gone going
grow grows grew grown growing
hide hides hid hidden hiding
hop hops hopped hopping
hope hopes hoped hoping
hug hugs hugged hugging
keep keeps kept keeping
kneel kneels knelt kneeling
knit knits knitted knitting
laugh laughs laughed laughing
leap leaps leapt leaping
leave leaves left leaving
lie lies lying
listen listens listened listening
lose loses lost losing
make makes made making
meet meets met meeting
melt melts melted melting
meow meows meowed meowing
open opens opened opening
paint paints painted painting
panic panics panicked panicking
place places placed placing
play plays played playing
plan plans planned planning
ride rides rode ridden riding
ring rings rang rung ringing
rise rises rose risen rising
roll rolls rolled rolling
run runs ran running
see sees seen seeing
sell sells sold selling
send sends sent sending
shake shakes shook shaken shaking
shine shines shone shining
sing sings sang sung singing
singe singes singed singeing
sit sits sat sitting
ski skis skiing
sleep sleeps slept sleeping
speak speaks spoke spoken speaking
spin spins spun spinning
stand stands stood standing
star stars starred starring
stare stares stared staring
steal steals stole stolen stealing
stir stirs stirred stirring
sweep sweeps swept sweeping
swim swims swam swum swimming
swing swings swung swinging
take takes took taken taking
teach teaches taught teaching
tell tells told telling
think thinks thought thinking
throw throws threw thrown throwing
tie ties tied tying
tiptoe tiptoes tiptoed tiptoeing
travel travels travelled travelling
try tries tried trying
wake wakes woke woken waking
watch watches watched watching
wave waves waved waving
wear wears wore worn wearing
weep weeps wept weeping
whisper whispers whispered whispering
write writes wrote written writing
yawn yawns yawned yawning
"""


@pytest.mark.parametrize("forms", VERBS.strip().splitlines(), ids=lambda forms: forms.split()[0])
def test_all_forms_of_a_common_verb_have_its_lemma_and_its_ing_form(forms: str) -> None:
    lemma, *others = forms.split()
    assert {verb_lemma(form) for form in (lemma, *others)} == {lemma}
    assert {ing_form(form) for form in (lemma, *others)} == {others[-1]}


def test_the_verbs_of_the_table_stay_apart() -> None:
    lemmas = [verb_lemma(forms.split()[-1]) for forms in VERBS.strip().splitlines()]
    assert len(set(lemmas)) == len(lemmas)
    assert lemma("hopping") != lemma("hoping") and lemma("staring") != lemma("starring")


@pytest.mark.parametrize(
    ("motion", "words"),
    [
        ("stirring-a-pot", "stirring a pot"),
        ("stir_a_pot", "stirring a pot"),
        ("sing", "singing"),
        ("feed-birds", "feeding birds"),
        ("Running", "running"),
        ("zzyx-1", "zzyx 1"),
        ("kung-fu", "kung fu"),
    ],
)
def test_a_motion_in_words(motion: str, words: str) -> None:
    assert ing_phrase(motion) == words


ARTICLES = """
a unicorn, an hour, an owl, a university, an honest man, an orange cat, an heir, a European castle, a uniform,
an umbrella, an old unicorn, a one-eyed pirate, a ewe, an hourglass, a hat, a house, an elephant, a unique leaf,
an apple, a witch, a yellow bird, an ice cave, an underwater scene, a bus, a walrus, an octopus, a cactus, a dress,
a glass, a princess, an iris, a sheep, a fish, a wolf, a moonlit garden
"""


@pytest.mark.parametrize("said", [part.strip() for part in ARTICLES.replace("\n", " ").split(",")])
def test_articles_go_by_sound(said: str) -> None:
    assert with_article(said.split(maxsplit=1)[1]) == said


def test_a_name_is_said_in_words_with_its_article() -> None:
    names = ["elf", "snow-queen", "unicorn", "old_man"]
    assert [name_with_article(name) for name in names] == ["an elf", "a snow queen", "a unicorn", "an old man"]


@pytest.mark.parametrize(
    "plural", "flowers wolves geese mice children people leaves woods mountains ruins scissors stairs witches".split()
)
def test_a_plural_gets_no_article(plural: str) -> None:
    assert is_plural(plural)
    assert with_article(f"old {plural}") == f"old {plural}"


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("wolves", "wolf"), ("mice", "mouse"), ("witches", "witch"), ("flowers", "flower"), ("bus", "bus")],
)
def test_a_nouns_singular(plural: str, singular: str) -> None:
    assert noun_lemma(plural) == noun_lemma(singular) == singular


def test_no_dictionary_is_loaded_before_a_word_is_looked_up() -> None:
    code = (
        "import dreamrunner.planning, dreamrunner.language, dreamrunner.editor.analysis, sys\n"
        "assert not {'lemminflect', 'inflect', 'typeguard', 'numpy'} & set(sys.modules)\n"
        "from dreamrunner.planning.english.word_forms import with_article\n"
        "assert with_article('hour') == 'an hour'\n"
        "from dreamrunner.planning.english.word_forms import verb_lemma\n"
        "assert verb_lemma('fed') == 'feed'\n"
        "import typeguard; assert typeguard.typechecked.__module__.startswith('typeguard')\n"
        "assert 'spacy' not in sys.modules\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
