"""A pure Python wheel made by hand: a package of somebody else, installed without a network."""

import base64
import hashlib
import subprocess
import sys
import zipfile

_METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: meta-prefect\n"
_WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def install_package(folder, name, modules):
    """
    Install a package into a folder with pip; gives the folder, for `PYTHONPATH`.

    modules: texts by path in the package.
    """
    wheel = _build_wheel(folder, name, {f"{name}/{path}": text for path, text in modules.items()})
    target = folder / "site"
    words = ["install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, capture_output=True)
    return target


def _build_wheel(folder, name, files):
    info = f"{name}-1.0.dist-info"
    files |= {f"{info}/METADATA": _METADATA.format(name=name), f"{info}/WHEEL": _WHEEL}
    record = "".join(f"{path},{_hash(text)},{len(text.encode())}\n" for path, text in files.items())
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(file, text)
    return path


def _hash(text):
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
