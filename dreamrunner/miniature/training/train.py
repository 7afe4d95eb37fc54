"""Train the whole miniature again: ``python -m dreamrunner.miniature.training.train``. Interrupted, it goes on where
it was."""

from __future__ import annotations

import subprocess
import sys


def main() -> None:
    for part in ("autoencoder", "backbone", "bundle"):
        print(f"{part} ...", flush=True)
        subprocess.run([sys.executable, "-W", "ignore", "-m", f"dreamrunner.miniature.training.{part}"], check=True)


if __name__ == "__main__":
    main()
