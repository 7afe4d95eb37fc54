"""The ``dreamrunner`` command, and ``python -m dreamrunner``: listens to Ctrl-C before anything else is imported."""

try:
    import gc
    import os
    import signal
    import sys
    import time

    from dreamrunner.log_option import asks_for_json
except KeyboardInterrupt:
    raise SystemExit(128 + 2) from None  # Ctrl-C's number, which `signal` may not be there to tell


def main() -> int:
    """Run the command line and return its exit code."""
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    gc.disable()  # until a command begins: what is imported stays, and to look for garbage in it takes long
    from dreamrunner.cli import main as run
    from dreamrunner.cli.exits import INTERRUPTED, TERMINATED

    try:
        code = run()
    except KeyboardInterrupt:  # once more, while the first was answered
        code = INTERRUPTED
    if code in (INTERRUPTED, TERMINATED):
        # Python would wait for threads, and may turn the exit code into that of a signal.
        os._exit(code)
    # What is left is Python's own: nothing in it needs a report.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return code


def _leave(number: int, _: object) -> None:
    """Nothing has been begun yet: leave at once, saying what a command says that is stopped."""
    code, said = 128 + number, "Stopped. Nothing was begun."  # as `cli.exits` has it for the two signals
    if asks_for_json(sys.argv):
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
