"""The list of what Jalon is made of, as CycloneDX JSON, one file for each environment: `make sbom`.

Made from the lock files, not from what one machine has installed: the same files give the same list, every package
has the hashes that its installation checks, and nothing of the machine is written.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "run" / "sbom"
LOCKS = {"produit": "requirements.lock", "dialogue": "assistant/requirements.lock"}


def bill(lock: Path, name: str) -> dict:
    """The CycloneDX document of a lock file. Raises RuntimeError when the tool fails."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(lock)]
    done = subprocess.run(
        [*command, "--output-reproducible", "--of", "JSON"],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"cyclonedx-py : {done.stderr.strip()[-400:]}")
    document = json.loads(done.stdout)
    document["metadata"]["component"] = {
        "bom-ref": f"jalon-{name}",
        "name": f"jalon-{name}",
        "type": "application",
        "licenses": [{"license": {"id": "EUPL-1.2"}}],
    }
    for tool in document["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    document["dependencies"] = [one for one in document["dependencies"] if one["ref"] != "root-component"]
    for component in document["components"]:
        # The tool supposes an address of download; its hashes are those of the lock file.
        references = component.pop("externalReferences", [])
        component["hashes"] = [found for one in references for found in one.get("hashes", [])]
        component.pop("description", None)
    return document


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, lock in LOCKS.items():
        file = FOLDER / f"{name}.cdx.json"
        document = bill(ROOT / lock, name)
        file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        print(f"{file.relative_to(ROOT)} : {len(document['components'])} paquets")
    return 0


if __name__ == "__main__":
    sys.exit(main())
