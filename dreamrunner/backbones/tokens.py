"""How many tokens a text is to a backbone's text encoder. No torch here, nor transformers where it can be helped."""

from __future__ import annotations

from collections.abc import Sequence

from dreamrunner.backbones.backbone import Backbone
from dreamrunner.backbones.errors import BackboneError
from dreamrunner.files.trouble import first_line


def token_counts(backbone: Backbone, texts: Sequence[str]) -> list[int]:
    """The length of each text in tokens, with the one that ends it; what goes beyond ``backbone.text_tokens`` is cut
    off by the pipeline. Never less than that length where it is not cut.

    Raises:
        BackboneError: the model's tokenizer can't be read.
    """
    folder = backbone.source / "tokenizer"
    try:
        if (folder / "tokenizer.json").is_file():
            from tokenizers import Tokenizer

            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.no_truncation()
            tokenizer.no_padding()
            return [len(tokenizer.encode(text).ids) for text in texts]
        # A short text needs no look, and no second of imports.
        most = [backbone.family.most_tokens(text) for text in texts]
        if max(most, default=0) <= backbone.text_tokens:
            return most
        from transformers import AutoTokenizer

        slow = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        return [len(ids) for ids in slow(list(texts), truncation=False).input_ids]
    except Exception as error:  # tokenizers raises bare exceptions
        why = first_line(error)
        raise BackboneError(f"cannot read the tokenizer in {folder}: {why}") from error
