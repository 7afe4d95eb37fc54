"""Train the whole miniature again: ``python -m dreamrunner.miniature.train``. Interrupted, it goes on where it was."""

from __future__ import annotations

import subprocess
import sys


def main() -> None:
    for part in ("train_autoencoder", "train_backbone", "bundle"):
        print(f"{part} ...", flush=True)
        subprocess.run([sys.executable, "-W", "ignore", "-m", f"dreamrunner.miniature.{part}"], check=True)


if __name__ == "__main__":
    main()
