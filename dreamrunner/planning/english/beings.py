"""What a noun is the name of: a person, an animal or a machine, and which pronoun stands for it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from dreamrunner.planning.english.word_forms import kinds_of, noun_lemma

Nature = Literal["person", "animal", "machine", ""]

_PERSONS = frozenset(
    "man woman boy girl child kid toddler baby infant king queen prince princess emperor empress knight witch wizard"
    " mage sorcerer sorceress warlock magician apprentice monk nun priest bishop pope saint mother father mum mom dad"
    " mama papa grandmother grandfather grandma grandpa granny sister brother aunt uncle cousin daughter son wife"
    " husband bride groom widow friend lady lord duke duchess earl count countess baron sir madam squire page servant"
    " maid butler cook chef waiter waitress nurse doctor surgeon teacher pupil student professor scholar detective cop"
    " policeman policewoman thief guard soldier sergeant captain general colonel recruit admiral sailor pirate pilot"
    " astronaut cosmonaut ninja samurai viking hero heroine villain youth lad lass teenager adult person stranger guest"
    " host merchant peasant smith blacksmith shepherd cowboy cowgirl sheriff judge lawyer clerk boss athlete acrobat"
    " clown mime artist poet bard scout spy suspect nomad giant dwarf elf fairy mermaid merman goddess god angel nurse"
    " hermit beggar orphan twin neighbour neighbor mayor president barman barmaid bartender chief tribesman gentleman"
    " orc goblin troll gnome vampire zombie genie superhero goalkeeper keeper woodcutter fisherman"
    " vet agent tramp hobo bandit scribe champ champion patient victim passenger coach referee umpire warden usher"
    " valet chauffeur courier pedestrian civilian guardian barbarian thug diva goalie gymnast ballerina cellist drummer"
    " shepherdess musketeer engineer servant assistant attendant sergeant lieutenant comedian musician".split()
)
_DOERS = tuple("fighter keeper worker maker player lighter driver hunter catcher sweeper tamer".split())
"""Last parts of nouns for who does something: "firefighter"."""
_ANIMALS = frozenset(
    "animal ant ape badger bat bear beast beaver bee beetle bird bison boar buffalo bug bull butterfly calf camel"
    " cat caterpillar cheetah chick chicken cobra cockerel colt cow coyote crab crane creature cricket crocodile"
    " crow cub deer dinosaur dog dolphin donkey dove dragon dragonfly duck duckling eagle eel elephant falcon ferret"
    " finch firefly fish flamingo fly foal fox frog gazelle giraffe goat goldfish goose gorilla grasshopper griffin"
    " gull hamster hare hawk hedgehog hen heron hippo horse hound hyena imp insect jackal jaguar jellyfish kangaroo"
    " kitten koala ladybird ladybug lamb lark leopard lion lioness lizard llama lobster lynx magpie mammoth mare"
    " mole monkey moose mosquito moth mouse mule octopus orca ostrich otter owl ox oyster panda panther parrot"
    " peacock pegasus pelican penguin pheasant phoenix pig pigeon piglet pony poodle porcupine puppy python rabbit"
    " raccoon ram rat raven reindeer rhino robin rooster salmon scorpion seagull seal shark sheep skunk sloth slug"
    " snail snake sparrow spider squid squirrel stag stallion starfish stork swallow swan terrier tiger toad"
    " tortoise turkey turtle unicorn vulture walrus wasp weasel whale wolf wombat worm wren yak zebra".split()
)
_MACHINES = frozenset(
    "robot android machine drone car truck bus van lorry taxi jeep tank tractor train tram locomotive plane aeroplane"
    " airplane biplane jet helicopter airship rocket spaceship spacecraft satellite ship boat submarine ferry yacht"
    " motorcycle motorbike bicycle bike scooter rover crane digger engine ufo broom computer".split()
)
_BIRDS = frozenset(
    "crane crow dove eagle falcon finch goose gull hawk heron lark magpie owl parrot pelican pigeon raven robin seagull"
    " sparrow stork swallow swan vulture wren duck hen rooster chicken penguin flamingo ostrich peacock turkey".split()
)
_FISH = frozenset("fish goldfish salmon shark trout tuna carp pike eel".split())
_FLIERS = _BIRDS - frozenset("hen rooster chicken penguin ostrich turkey peacock goose duck".split()) | frozenset(
    "bird bat bee wasp fly moth butterfly dragonfly mosquito firefly drone plane aeroplane airplane biplane jet"
    " helicopter airship rocket spaceship spacecraft satellite ufo fairy balloon".split()
)
_MOVES_BY = {
    "fly": _FLIERS,
    "swim": _FISH | frozenset("dolphin whale orca octopus squid jellyfish mermaid merman seal".split()),
    "drive": frozenset("car truck bus van lorry taxi jeep tank tractor train tram locomotive engine".split()),
    "sail": frozenset("ship boat submarine ferry yacht sailboat raft".split()),
}
_KINDS = {"bird": _BIRDS, "fish": _FISH,
          "insect": frozenset("ant bee beetle bug butterfly cricket fly moth wasp".split()),
          "reptile": frozenset("snake lizard crocodile tortoise turtle".split())}  # fmt: skip
_SEVERAL = frozenset("people cattle police crowd flock herd pack swarm gang crew army band troop sheep".split())
_NEITHER = frozenset("human snowman scarecrow monster".split())
_EITHER = frozenset("baby infant child kid toddler".split())
"""Persons for whom "it" may stand."""

_GENDERS = {
    "she": "witch girl woman queen princess mermaid mother grandmother sister aunt lady daughter fairy nun hen cow"
    " grandma granny mum mom mama wife bride widow duchess countess heroine goddess sorceress waitress maid lass"
    " lioness mare barmaid empress policewoman cowgirl madam actress ballerina",
    "he": "boy man king prince knight wizard father grandfather brother uncle sir son pirate monk bull rooster"
    " grandpa dad papa husband groom duke earl baron lord sorcerer warlock lad stallion stag barman emperor"
    " waiter steward landlord headmaster abbot policeman cowboy merman gentleman fisherman butler god samurai youth"
    " guy bloke bridegroom",
}
_NAMES = {
    "she": "abby ada agnes alice amy anna anne annie beatrice bella beth betty carla carol cathy chloe clara claire"
    " daisy diana dora dorothy ella ellen emily emma esther eva eve fiona flora grace greta hannah heidi helen"
    " helena ida ingrid irene iris isabel jane janet jenny jill joan julia julie kate katie laura lena lily"
    " linda lisa liz lola lottie louise lucy lulu mabel maggie maria marie martha mary matilda maya mia millie"
    " mina molly nancy nina nora olga olivia peggy penny pippa polly rachel rebecca rosa rosie ruby ruth sally"
    " sara sarah sophia sophie stella sue susan tilly vera victoria violet wendy zoe"
    " ana ines nell bea lana mei ivy rita fatima sofia nadia luna amelia tina ginger hazel jade june kara kim"
    " lara leila lilian lilly lorna lydia mandy marta meg melissa miriam naomi nelly nicole nita pam paula"
    " pearl petra phoebe priya robyn rosalind roxy sadie samantha sandra selma shirley sonia suki sylvia tanya"
    " tess thelma trudy ursula vanessa wanda yasmin yvonne zara aisha alma ava"
    " astrid elena yuki mona tara faye zelda hilda mira lisbeth amelie holly ivana kiki lotta luisa mara meike"
    " pia rania sabine saskia tamara thea tilda uma valeria vita wilma xenia ylva zita juno wren lin gerda",
    "he": "adam alan albert alex alfred andrew arthur barry ben benjamin bert bill billy bob bobby boris bruno carl"
    " charles charlie chris dan daniel dave david dennis dick donald ed eddie edward eric ernest felix frank"
    " franz fred freddy george gus hank hans harold harry henry herbert hugo ian isaac ivan jack jacob jake"
    " james jason jeff jerry jim jimmy joe joey john johnny jonas josh karl ken kevin lars larry leo leon"
    " louis luke marco mark martin marty matt max michael mike nick noah oliver oscar otto patrick paul pete"
    " peter phil ralph ray rex richard rick rob robert robin roger ron sam sid simon stan steve stuart ted"
    " theo tim timmy toby tom tommy tony victor vincent walter wilbur will willy"
    " hal alfie barney bertie bruce carlos cedric clive colin craig cyril darren dominic doug dylan earl edgar"
    " elliot ethan finn gary geoff gerald gilbert glen gordon graham greg hector horace howard hugh igor jasper"
    " jed jesse jorge juan kurt kyle lance leonard lloyd magnus malcolm marvin mateo miles milo mohammed monty"
    " murray nathan neil nigel norman ollie omar orson otis owen pablo pedro percy pierre rafael raj ravi"
    " reggie ricardo rodney rory ross rupert russell ryan scott sean sebastian sergei seth sidney silas terry"
    " tobias trevor ulf vikram vince vlad warren wayne wesley winston yusuf zack hiro taro kofi lou"
    " astor bjorn dmitri emil enzo erik fabio fritz gino gunnar hakan hassan holger kasper klaus leif linus"
    " luca luis mads marek matteo mikhail milan nils olaf oleg pavel piotr rolf rudi rufus sanjay sergio sven"
    " tariq thor tibor udo uwe vasily viktor yann yuri holt anton amir surya",
}
_NAME = {name: pronoun for pronoun, names in _NAMES.items() for name in names.split()}
"""Common names of people, and which pronoun stands for them."""
_PRONOUN = {noun: pronoun for pronoun, nouns in _GENDERS.items() for noun in nouns.split()}


@lru_cache(maxsize=1024)
def gender(noun: str) -> str:
    """Which of "she" and "he" stands for a noun; empty where either may."""
    for word in noun.lower().split():
        if word in _PRONOUN:
            return _PRONOUN[word]
        if word.endswith(("man", "woman")) and nature_of(word) == "person":
            return "she" if word.endswith("woman") else "he"
        if word.endswith("ess") and len(word) > 6 and nature_of(word.removesuffix("ess")) == "person":
            return "she"
    return ""


@lru_cache(maxsize=1024)
def nature_of(words: str) -> Nature:
    """What the words for somebody name; empty where that is not known."""
    for word in (noun_lemma(each) for each in reversed(words.lower().split())):
        if word in _NEITHER:
            return ""
        if word in _ANIMALS:
            return "animal"
        if word in _MACHINES:
            return "machine"
        if word in _PERSONS or word.endswith(("man", "woman", "girl", "boy")) or _does(word):
            return "person"
    return ""


def gender_of_name(name: str) -> str:
    """Which of "she" and "he" stands for somebody of a name; empty where either may."""
    return next((_NAME[word] for word in name.lower().split() if word in _NAME), "")


@lru_cache(maxsize=1024)
def moves_by(words: str) -> str:
    """The verb for how somebody goes from place to place: "fly", "swim", "walk" and so on."""
    for word in (noun_lemma(each) for each in reversed(words.lower().split())):
        for verb, nouns in _MOVES_BY.items():
            if word in nouns:
                return verb
    return ""


def is_kind(words: str, kind: str) -> bool:
    """Whether words for somebody name one of a kind: an eagle is a bird, a trout a fish."""
    nouns = [noun_lemma(each) for each in words.lower().split()]
    return kind in nouns or any(noun in _KINDS.get(kind, ()) for noun in nouns)


def may_be_it(words: str) -> bool:
    """Whether "it" may stand for somebody: not for a grown person."""
    return nature_of(words) != "person" or bool(_EITHER.intersection(words.lower().split()))


def is_several(words: str) -> bool:
    """Whether the words for somebody name several, as "three children" do."""
    last = words.lower().split()[-1:]
    return bool(last) and (last[0] in _SEVERAL or noun_lemma(last[0]) != last[0])


def _does(word: str) -> bool:
    """Whether a noun names who does something, as "baker" and "inventor" do."""
    if word.endswith(("ist", "eer", "ician", "arian")):
        return len(word) > 5
    if word.endswith(_DOERS) and word not in _DOERS:
        return True
    if not word.endswith(("er", "or")) or len(word) < 5:
        return False
    stems = {word[:-2], word[:-1], word[:-3] if word[-3] == word[-4] else word[:-2]}
    return any("VERB" in kinds_of(stem) for stem in stems)
