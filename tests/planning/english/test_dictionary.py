"""Tables that are read by rows say of every word what the whole tables say."""

from __future__ import annotations

import random

from dreamrunner.planning.english.dictionary import dictionary


def test_rows_say_what_the_whole_tables_say() -> None:
    library = dictionary()
    from lemminflect import config
    from lemminflect.codecs.InflectionLUCodec import InflectionLUCodec
    from lemminflect.codecs.LemmaLUCodec import LemmaLUCodec

    for whole, rows in (
        (LemmaLUCodec.load(config.lemma_lu_fn), library.Lemmatizer().lemma_dict),
        (InflectionLUCodec.load(config.inflection_lu_fn), library.Inflections().infl_dict),
    ):
        first, last = min(whole), max(whole)
        for word in [*random.Random(1).sample(sorted(whole), 500), first, last, "be", "can", "saw", "lay", "left"]:
            assert rows.get(word, {}) == whole.get(word, {}), word
    assert library.getAllLemmas("qxzzy") == {}
    assert library.getLemma("ran", upos="VERB") == ("run",)
