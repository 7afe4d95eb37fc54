"""Which LoRA each motion and character of a film gets, and pictures as a whole: the first of these that there is.

A motion: the LoRA that the story names; the clips that it names; nothing, where the backbone knows the motion; a LoRA
that was trained for this backbone and motion before, by the same code; clips found in a catalog; a LoRA that other code
trained; else none is added.
A character or location: the LoRA that the story names; one learnt from its photos; else descriptions have to do.
Where nothing is to be learnt, only what is kept of all that is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Literal

from dreamrunner.backbones import Backbone
from dreamrunner.backbones.device import Card, Device
from dreamrunner.backbones.training_recipe import TrainingRecipe
from dreamrunner.backbones.vocabulary import vocabulary_in
from dreamrunner.datasets import Broken, given_clips
from dreamrunner.engine.graph import Task, look_up
from dreamrunner.engine.progress import Progress, counting, silent
from dreamrunner.engine.store import Store
from dreamrunner.files.paths import MINIATURE, VARIABLES
from dreamrunner.files.wording import counted
from dreamrunner.language import Diagnostic, Story
from dreamrunner.language.project.finding import Project, project_of
from dreamrunner.language.story import MISSING, Character, LoraFile, Motion, Setting, motion_query
from dreamrunner.pipeline.adapters.catalogs import catalog_for, kept_catalog, open_catalog
from dreamrunner.pipeline.adapters.makers.motion import LearnMotion
from dreamrunner.pipeline.adapters.makers.retrieve import Search
from dreamrunner.pipeline.adapters.makers.training import TrainingSpec
from dreamrunner.pipeline.adapters.pictures import for_pictures, said_of
from dreamrunner.pipeline.adapters.tasks import (
    found_motion_task,
    motion_task,
    retrieve_task,
    subject_task,
    training_code,
    unfit,
)
from dreamrunner.pipeline.adapters.unlearnt import no_clip, shown_catalog, untrained
from dreamrunner.pipeline.tasks.makers.render import ToTrain
from dreamrunner.planning import PlannedScene
from dreamrunner.planning.drawable import draws_motion
from dreamrunner.planning.english.lexicon import lemma
from dreamrunner.planning.english.word_forms import name_with_article
from dreamrunner.priors import PLACEHOLDER, Adapter, AdapterError, Sidecar, given_photos, read_adapter, read_sidecar
from dreamrunner.priors.values import Kind
from dreamrunner.retrieval import Catalog, CatalogError, DetectorError, SimilarityError

ADAPTERS = VARIABLES["adapters"]
"""The environment variable that names a folder of trained LoRAs, for those who name none on the command line."""

LEAST_SECONDS = 2.0
"""How long a clip must be (paper A.1), unless all of a backbone's frames take less."""

How = Literal["lora", "clips", "photos", "known", "trained", "catalog", "alone"]
"""Where a prior is from, as manifests record it; see :class:`~dreamrunner.pipeline.manifest.PriorRecord`.

A LoRA that a build found in the store is recorded as that build which trained it did.
"""


class NothingToLearn(Exception):
    """A story brings clips or photos, and none of them can be used. ``str()`` is one line."""


@dataclass(frozen=True)
class Choice:
    """What was chosen for one motion, character or location, or of one file for the whole picture; ``said`` is that in
    words, ``prior`` None where nothing is added. ``why`` says why nothing is learnt, where somebody wants it so or a
    search has shown that nothing fits."""

    of: str
    how: How
    said: str
    prior: Adapter | ToTrain | None = None
    why: str = ""


@dataclass(frozen=True)
class Resolved:
    """What was chosen, in the order of the scenes, and the tasks that this takes. ``skipped`` clips and photos are left
    out of training; ``diagnostics`` warn of motions for which nothing is added although it might be."""

    choices: tuple[Choice, ...]
    tasks: tuple[Task, ...]
    skipped: tuple[Broken, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def priors(self) -> tuple[Adapter | ToTrain, ...]:
        """What is added to the backbone."""
        return tuple(choice.prior for choice in self.choices if choice.prior is not None)

    @property
    def pictures(self) -> tuple[Choice, ...]:
        """Those for the whole picture."""
        return tuple(each for each in self.choices if each.prior is not None and each.prior.kind == "picture")

    @property
    def unlearnt(self) -> tuple[Choice, ...]:
        """Those for which nothing is learnt, and it is known why."""
        return tuple(choice for choice in self.choices if choice.why)

    def said(self) -> Iterable[str]:
        """The choices and what was skipped, a line each; what the backbone knows shares one."""
        yield from (f"skipped {broken.place}: {broken.why}" for broken in self.skipped)
        known = [choice.of for choice in self.choices if choice.how == "known"]
        if known:
            yield f"{', '.join(known)}: known to the model"
        yield from (f"{choice.of}: {choice.said}" for choice in self.choices if choice.how not in ("known", "alone"))
        yield from (f"{choice.of}: {choice.said}" for choice in self.unlearnt if choice.how == "alone")


@dataclass(frozen=True)
class Resources:
    """What there is to choose from, apart from the story: ``store``, the user's folder of ``adapters``, if any, and how
    LoRAs are trained if not as the backbone's row says (``steps``). In a ``dry`` build nothing is drawn. ``unlearnt``
    says why nothing is to be trained; "" where it may be. ``loras`` and ``fast`` are those that options name for the
    whole picture. ``detector`` finds people in clips in place of the usual one, a pickle only with ``trust_weights``.
    """

    backbone: Backbone
    device: Device
    store: Store
    card: Card | None = None
    adapters: Path | None = None
    steps: int | None = None
    allow_outside: bool = False
    dry: bool = False
    unlearnt: str = ""
    loras: tuple[LoraFile, ...] = ()
    fast: tuple[LoraFile, ...] = ()
    detector: Path | None = None
    trust_weights: bool = False

    def recipe(self, usual: TrainingRecipe) -> TrainingRecipe:
        """The backbone's ``usual`` recipe, with the steps that were asked for."""
        return usual if self.steps is None else replace(usual, steps=self.steps)


def resolve(
    scenes: Sequence[PlannedScene], story: Story, resources: Resources, progress: Progress = silent
) -> Resolved:
    """Choose for every character, location and motion of ``scenes``, and for pictures as a whole. ``progress`` hears
    of a catalog that is drawn first.

    Raises:
        AdapterError: a LoRA file that the story names can't be used.
        OptionRefused: one that an option names can't.
        BackboneError: the list of the model's words can't be used.
        CatalogError: the catalog that is named can't be used.
        NothingToLearn: none of the clips or photos that the story names can be used.
        OSError: the store can't be read.
    """
    beats = [beat for scene in scenes for beat in scene.beats]
    entities, motions = {beat.entity for beat in beats}, dict.fromkeys(beat.motion for beat in beats)
    resolver = _Resolver(story, resources, progress)
    whole = for_pictures(resources.backbone, story.loras, resources.loras, resources.fast)
    choices: list[Choice | None] = [Choice(each.of, "lora", said_of(each), each) for each in whole]
    entities |= {scene.setting for scene in scenes}
    for one in story.pictured:
        if one.name in entities:
            choices += resolver.brought(one) or [resolver.pictured(one)]
    declared = {motion.name: motion for motion in story.motions}
    for motion in (declared.get(name, Motion(name)) for name in motions if name is not None):
        choices += resolver.brought(motion) or [resolver.motion(motion)]
    alone = [choice.of for choice in choices if choice is not None and choice.how == "alone" and not choice.why]
    return Resolved(
        choices=tuple(choice for choice in choices if choice is not None),
        tasks=tuple(sorted(resolver.tasks, key=lambda task: _STAGES.index(task.kind))),
        skipped=tuple(resolver.skipped),
        diagnostics=(*untrained(alone, story, resources.backbone, resolver.why), *resolver.unfit),
    )


_STAGES = ("retrieve", "train-motion", "train-subject")


class _Resolver:
    def __init__(self, story: Story, resources: Resources, progress: Progress) -> None:
        self.story, self.resources, self.progress = story, resources, progress
        self.training = resources.backbone.training
        self.vocabulary = vocabulary_in(resources.backbone.source)
        self.tasks: list[Task] = []
        self.skipped: list[Broken] = []
        self.catalogs: dict[str | Path, Catalog] = {}
        self.why = ""
        self.unfit: list[Diagnostic] = []

    def brought(self, thing: Character | Setting | Motion) -> list[Choice]:
        """The LoRAs that the story names for something: one, or one for each network of a model that has two."""
        kind: Kind = "motion" if isinstance(thing, Motion) else "subject"
        found = []
        for lora in thing.loras:
            adapter = read_adapter(
                lora.path,
                kind=kind,
                of=thing.name,
                scale=lora.scale,
                backbone=self.resources.backbone,
                expert=lora.expert,
            )
            found.append(Choice(thing.name, "lora", _brought(adapter), adapter))
        return found

    def pictured(self, thing: Character | Setting) -> Choice | None:
        """A LoRA from photos: its own, or those of the one that it is made from."""
        if not thing.images:
            return None
        shown = next((one for one in self.story.pictured if one.name == thing.likeness), thing)
        photos, broken = given_photos(shown.images, of=shown.name, looks=shown.looks or name_with_article(shown.name))
        self.skipped += [one for one in broken if one not in self.skipped]
        if not photos:
            raise NothingToLearn(f"none of the photos of {shown.name} can be used: {_first(broken)}")
        task = subject_task(self._spec(shown.name, self.training.subject), photos)
        if not self._may(task):
            return self._unlearnt(thing.name, self.resources.unlearnt)
        self.tasks += [task] if task not in self.tasks else []
        of = thing.name
        prior = ToTrain(name=f"subject-{of}", kind="subject", of=of, placeholder=PLACEHOLDER, task=task.name)
        whose = f" of {shown.name}" if shown is not thing else ""
        return Choice(of, "photos", f"learnt from {counted(len(photos), 'photo')}{whose}", prior)

    def motion(self, motion: Motion) -> Choice:
        name = motion.name
        if motion.clips:
            return self._from_clips(motion)
        if self.vocabulary is not None and draws_motion(self.vocabulary, name):
            return Choice(name, "known", "known to the model")
        return (
            self._in_folder(name)
            or self._searched_before(motion)
            or self._in_store(motion, anew=not self.resources.unlearnt and self._search(motion) is not None)
            or self._from_catalog(motion)
            or self._in_store(motion, anew=False)
            or Choice(name, "alone", "left to the model alone")
        )

    def _may(self, task: Task) -> bool:
        """Whether what a task makes may be used: always, but where nothing is to be trained only if it is kept."""
        return not self.resources.unlearnt or look_up(self.resources.store, task.key({})) is not None

    def _unlearnt(self, name: str, why: str) -> Choice:
        return Choice(name, "alone", f"not learnt: {why}", why=why)

    def _from_clips(self, motion: Motion) -> Choice:
        clips, broken = given_clips(motion.clips, least_seconds=least_seconds(self.resources.backbone))
        self.skipped += broken
        if not clips:
            raise NothingToLearn(f"none of the clips of {motion.name} can be used: {_first(broken)}")
        task = motion_task(self._spec(motion.name, self.training.motion), self.training.rate, clips)
        if not self._may(task):
            return self._unlearnt(motion.name, self.resources.unlearnt)
        self.tasks.append(task)
        return Choice(motion.name, "clips", f"learnt from {counted(len(clips), 'clip')}", _to_train(motion.name, task))

    def _in_folder(self, name: str) -> Choice | None:
        folder = self.resources.adapters
        found = self._fitting(name, sorted(folder.glob("*.safetensors"))) if folder is not None else None
        if found is None:
            return None
        adapter, sidecar = found
        return Choice(name, "trained", f"{adapter.file}, trained for {sidecar.of}", adapter)

    def _searched_before(self, motion: Motion) -> Choice | None:
        """What this story's own search and training came to, if both are kept: whatever else has been learnt since, an
        unchanged story is filmed with what it was filmed with."""
        search = self._search(motion)
        if search is None:
            return None
        store = self.resources.store
        with suppress(CatalogError, DetectorError, SimilarityError):
            first, second = self._tasks(motion.name, search, kept_catalog(search.catalog))
            found = store.find(first.key({}))
            if found is not None and store.find(second.key({first.name: found.digest})) is not None:
                return self._searching(motion.name, search, first, second)
        return None

    def _in_store(self, motion: Motion, *, anew: bool) -> Choice | None:
        """What was learnt of the motion's name for whatever story; not where the story says what to search for. Where
        it can be learnt ``anew``, only what today's code learnt; what another edition did is better than nothing."""
        if motion.query is not MISSING:
            return None
        name, store, backbone = motion.name, self.resources.store, self.resources.backbone
        recipe = self.resources.recipe(self.training.motion)
        ends = ".safetensors"
        learnt = store.made_by(training_code(backbone, LearnMotion), ends) if anew else store.contents(ends)
        found = self._fitting(name, learnt, least_steps=recipe.steps)
        if found is None:
            return None
        adapter, sidecar = found
        how: How = "catalog" if sidecar.source == "catalog" else "clips"
        return Choice(name, how, f"learnt before, from {counted(len(sidecar.content), 'clip')}", adapter)

    def _fitting(self, name: str, files: Iterable[Path], least_steps: int = 0) -> tuple[Adapter, Sidecar] | None:
        """The first of ``files`` that was trained for this motion and backbone, with its sidecar."""
        backbone = self.resources.backbone
        for file in files:
            sidecar = read_sidecar(file)
            if sidecar is None or sidecar.kind != "motion" or sidecar.backbone_digest != backbone.digest:
                continue
            if sidecar.steps < least_steps or lemma(sidecar.of) != lemma(name):
                continue
            try:
                adapter = read_adapter(file, kind="motion", of=name, backbone=backbone)
            except AdapterError:
                continue  # damaged
            if least_steps and adapter.digest != file.stem:
                continue  # what the store holds is named by its content
            return adapter, sidecar
        return None

    def _from_catalog(self, motion: Motion) -> Choice | None:
        if self.resources.unlearnt:
            return self._unlearnt(motion.name, self.resources.unlearnt)
        if self._named_catalog() is None:
            return self._unlearnt(motion.name, "no catalog is to be searched")
        search = self._search(motion)
        if search is None:
            return None
        try:
            if search.catalog == MINIATURE:
                search.parts()  # before it is drawn for nothing
            catalog = self._opened(search.catalog)
            return self._searching(motion.name, search, *self._tasks(motion.name, search, catalog))
        except (DetectorError, SimilarityError) as error:
            self.why = f" (no clips can be searched for: {error})"
            return None

    def _opened(self, which: str | Path) -> Catalog | None:
        if self.resources.dry and which == MINIATURE:
            with suppress(CatalogError):
                return kept_catalog(which)
            return None  # it would have to be drawn
        if which not in self.catalogs:
            with counting(self.progress) as on_progress:
                self.catalogs[which] = open_catalog(which, on_progress)
        return self.catalogs[which]

    def _named_catalog(self) -> str | Path | None:
        story = self.story
        usual = project_of(story.path).text("catalog")
        return catalog_for(story.catalog, story.path.parent, allow_outside=self.resources.allow_outside, usual=usual)

    def _search(self, motion: Motion) -> Search | None:
        which = self._named_catalog()
        if which is None or (which == MINIATURE and not self.story.catalog and self.training.catalog != MINIATURE):
            return None
        resources = self.resources
        detector, trusted = resources.detector, resources.trust_weights
        return Search(motion_query(motion), which, detector=detector, trust_weights=trusted)

    def _tasks(self, name: str, search: Search, catalog: Catalog | None) -> tuple[Task, Task]:
        spec = self._spec(name, self.training.motion)
        first = retrieve_task(name, search, self.resources.device, catalog)
        return first, found_motion_task(spec, self.training.rate, search)

    def _searching(self, name: str, search: Search, first: Task, second: Task) -> Choice:
        self.tasks += [first, second]
        found = look_up(self.resources.store, first.key({}))
        said = f"learnt from clips of {shown_catalog(search.catalog)}"
        why = unfit(found.path) if found is not None else ""
        if why and found is not None:
            self.unfit.append(no_clip(name, found.path, self.story, self.resources.backbone, search.catalog))
        return Choice(name, "catalog", f"not learnt: {why}" if why else said, _to_train(name, second), why)

    def _spec(self, of: str, recipe: TrainingRecipe) -> TrainingSpec:
        resources = self.resources
        return TrainingSpec(of, resources.backbone, resources.device, resources.recipe(recipe), card=resources.card)


def least_seconds(backbone: Backbone) -> float:
    """The least length, in seconds, of a clip that an author names."""
    return min(LEAST_SECONDS, backbone.frames / backbone.training.rate)


def adapters_folder(named: str | PathLike[str] | None, story: Path | None = None) -> Path | None:
    """The folder of trained LoRAs: the one that is named, else the one of the story's project or the user's setting."""
    if named is not None:
        return Path(named)
    return (project_of(story) if story is not None else Project()).path("adapters")


def _to_train(of: str, task: Task) -> ToTrain:
    return ToTrain(name=f"motion-{of}", kind="motion", of=of, task=task.name)


def _brought(adapter: Adapter) -> str:
    where = f", at {adapter.expert} noise" if adapter.expert else ""
    return f"{adapter.file.name}, scale {adapter.scale:g}{where}"


def _first(broken: Sequence[Broken]) -> str:
    return f"{broken[0].place} {broken[0].why}"
