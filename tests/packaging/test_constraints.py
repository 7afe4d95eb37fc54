"""The versions that the tests ran with: there for every library that is brought, and of those that are asked for."""

from packaging.version import Version

from tests.packaging.libraries import REPOSITORY, asked_for, brought, normal

PINS = {
    file: {
        normal(name): Version(version)
        for name, version in (line.split("==") for line in text.splitlines() if line and not line.startswith("#"))
    }
    for file in ("constraints.txt", "constraints-cpu.txt")
    for text in [(REPOSITORY / file).read_text()]
}


def test_every_library_that_is_asked_for_has_a_tested_version_that_is_asked_for() -> None:
    pins = PINS["constraints.txt"]
    asked = {each for extra in asked_for().values() for each in extra if each.name != "dreamrunner"}
    assert [str(each) for each in asked if normal(each.name) not in pins] == []
    assert [str(each) for each in asked if pins[normal(each.name)] not in each.specifier] == []


def test_what_libraries_need_in_turn_has_a_tested_version_too() -> None:
    assert {*brought(*asked_for())} - {*PINS["constraints.txt"]} == set()


def test_pytorch_for_processors_is_one_that_is_asked_for_and_so_is_its_torchvision() -> None:
    pins = PINS["constraints-cpu.txt"]
    assert {*pins} == {"torch", "torchvision"}
    for extra in asked_for().values():
        assert all(pins[each.name] in each.specifier for each in extra if each.name in pins)
    assert {each.local for each in pins.values()} == {"cpu"}
