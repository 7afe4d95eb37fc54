from __future__ import annotations

import pytest

from dreamrunner.planning.english.languages import other_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("La bruja camina por el jardín mientras el gato duerme.", "Spanish"),
        ("La sorcière marche dans le jardin et le chat dort sur la table.", "French"),
        ("Die Hexe geht durch den Garten, während die Katze schläft.", "German"),
        ("La strega cammina nel giardino mentre il gatto dorme.", "Italian"),
        ("De heks loopt door de tuin terwijl de kat slaapt.", "Dutch"),
        ("女巫在花园里走，小猫在睡觉。", "Chinese letters"),
        ("Ведьма идёт по саду.", "Cyrillic letters"),
        ("الساحرة تمشي في الحديقة", "Arabic letters"),
        ("The witch walks through the garden while the cat sleeps.", ""),
        ("El Niño waves to the cat and the dog.", ""),
        ("Silence.", ""),
        ("Zoë dances.", ""),
        ("", ""),
        ("123 ... !", ""),
    ],
)
def test_the_language_of_a_text(text: str, language: str) -> None:
    assert other_language(text) == language
