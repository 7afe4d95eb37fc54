"""The ``dreamrunner`` command, and ``python -m dreamrunner``: listens to Ctrl-C before anything else is imported."""

try:
    import os
    import signal
    import sys
    import time
except KeyboardInterrupt:
    raise SystemExit(130) from None


def main() -> int:
    """Run the command line and return its exit code."""
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    from dreamrunner.cli import main as run

    try:
        code = run()
    except KeyboardInterrupt:  # once more, while the first was answered
        code = 130
    if code in (130, 143):
        # Python would wait for threads, and may turn the exit code into that of a signal.
        os._exit(code)
    # What is left is Python's own: nothing in it has to be told of.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return code


def _leave(number: int, _: object) -> None:
    """Nothing has been begun yet: leave at once, saying what a command says that is stopped."""
    code, said = (143 if number == signal.SIGTERM else 130), "Stopped. Nothing was begun."
    if "--log=json" in sys.argv or ("--log", "json") in zip(sys.argv, sys.argv[1:], strict=False):
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        told = f'{{"event": "stopped", "time": "{now}", "message": "{said}"}}\n'
        told += f'{{"event": "ended", "time": "{now}", "exit_code": {code}}}\n'
    else:
        told = f"\n{said}\n"
    try:  # noqa: SIM105 (contextlib would be one more import)
        os.write(2, told.encode())
    except OSError:
        pass  # closed, or full
    os._exit(code)


if __name__ == "__main__":
    raise SystemExit(main())
