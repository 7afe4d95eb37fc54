"""A story of two short scenes, a model to film it with, and a progress that remembers what a build had to do."""

from pathlib import Path

from dreamrunner.engine.progress import BuildStarted, Event, Said, TaskStarted

STORY = """\
story "Two Scenes"
  language 1
  seed 3

character witch "a girl witch in a violet dress"
character cat "a small black cat"

scene garden
  background "a garden"
  narration "The witch walks, the cat sits."
  duration 2s
  transition fade 0.5s
  witch walking 0s..2s "A witch is walking in the garden"
    at 0s [0.1 0.2 0.5 0.9]
    at 1s [0.3 0.2 0.7 0.9]
  cat sitting 0s..2s "A cat is sitting in the garden"
    at 0s right

scene kitchen
  background "a kitchen"
  narration "She stirs her soup."
  duration 2s
  witch stirring "A witch is stirring in the kitchen"
    at 0s left
"""


class Recorder:
    """Remembers which tasks a build had to do, stage by stage and in each as they began, and forgets them when read;
    and the lines that were said."""

    def __init__(self) -> None:
        self._made: list[str] = []
        self._stages: list[str] = []
        self.lines: list[str] = []

    def __call__(self, event: Event) -> None:
        match event:
            case TaskStarted(stage, of) if stage != "plan":  # which is done anew every time
                self._made.append(f"{stage} {of}".rstrip())
            case BuildStarted(stages):
                self._stages = [stage for stage, _ in stages]
            case Said(text):
                self.lines.append(text)

    def made(self) -> list[str]:
        made, self._made = self._made, []
        return sorted(made, key=lambda name: self._stages.index(name.partition(" ")[0]))


def build_tiny(folder: Path) -> Path:
    """A model folder with random weights, as small as one can be: 32x32 pixels, 9 frames, one layer."""
    import torch
    from diffusers import CogVideoXDDIMScheduler, CogVideoXTransformer3DModel

    from tests.material.models import autoencoder, randomize, save_pipeline, text_encoder

    torch.manual_seed(0)
    transformer = CogVideoXTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=16,
        num_layers=1,
        in_channels=4,
        out_channels=4,
        time_embed_dim=32,
        text_embed_dim=64,
        sample_width=8,
        sample_height=8,
        sample_frames=9,
        max_text_seq_length=16,
        spatial_interpolation_scale=1.0,
    )
    scheduler = CogVideoXDDIMScheduler(prediction_type="sample", timestep_spacing="trailing")
    vae = autoencoder(3, 4, channels=8)
    return save_pipeline(folder, text_encoder(64), vae, randomize(transformer, 0, 0.2), scheduler)
