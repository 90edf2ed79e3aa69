"""Makes `.venv` and fills it with the pinned Python packages; the first step of `make run` and `make test`.

Standard library only, and readable by every Python since 3.6, so that an old one gets a sentence instead of a traceback.
A second call is quick: it installs nothing while the requirements files' digest stands in `.venv/requirements.sha256`.

Usage: python3 deploy/bootstrap.py [--dev]
"""

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MARKER = VENV / "requirements.sha256"
CONSTRAINTS = ROOT / "constraints.txt"
NETWORK_SIGNS = (
    "Connection",
    "Temporary failure in name resolution",
    "Name or service not known",
    "timed out",
    "Timeout",
    "Could not fetch URL",
    "SSLError",
    "ProtocolError",
    "No matching distribution found",
)


def say(zh: str, en: str) -> None:
    """Print one sentence in Chinese, then in English, to standard error."""
    # A machine with an ASCII locale must not turn a sentence into a traceback.
    encoding = sys.stderr.encoding or "ascii"
    for sentence in (zh, en):
        sys.stderr.write(sentence.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    sys.stderr.flush()


def python_complaint() -> bool:
    """Say why this Python cannot make the environment, if so; True when something was said."""
    if sys.version_info < (3, 11):
        found = ".".join(str(part) for part in sys.version_info[:3])
        say(
            f"通办需要 Python 3.11 或更新版本，当前是 {found}；请安装后运行 make PYTHON=python3.11 run。",
            f"Tongban needs Python 3.11 or newer, this is {found}; install one and run make PYTHON=python3.11 run.",
        )
        return True
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            say(
                f"这个 Python 缺少 {module} 模块；在 Debian 或 Ubuntu 上请运行 apt-get install python3-venv。",
                f"This Python lacks the module {module}; on Debian or Ubuntu run apt-get install python3-venv.",
            )
            return True
    return False


def digest_of(requirements: Path) -> str:
    """Return the SHA-256 (hex) of a requirements file, the files it includes, the constraints and the Python version."""
    texts = [requirements.read_bytes(), ".".join(str(part) for part in sys.version_info[:2]).encode()]
    for line in requirements.read_text("utf-8").splitlines():
        if line.startswith("-r "):
            texts.append(digest_of(requirements.parent / line[3:].strip()).encode())
    if CONSTRAINTS.exists():
        texts.append(CONSTRAINTS.read_bytes())
    return hashlib.sha256(b"\n".join(texts)).hexdigest()


def installed() -> str:
    """Return the lines of the marker file: the digests of what stands in `.venv`; empty when there is none."""
    if not PYTHON.exists() or not MARKER.exists():
        return ""
    return MARKER.read_text("ascii")


def pip_install(requirements: Path) -> "tuple[int, str]":
    """Run pip once; return its exit code and what it wrote to standard error."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(requirements)]
    if CONSTRAINTS.exists():
        command += ["-c", str(CONSTRAINTS)]
    done = subprocess.run(command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", check=False)
    sys.stderr.write(done.stderr)
    return done.returncode, done.stderr


def install(requirements: Path) -> int:
    """Install the packages named in `requirements`; return pip's exit code. A network failure is tried once more."""
    say(
        "正在安装 Python 软件包，第一次需要几分钟……",
        "Installing Python packages; the first time takes a few minutes ...",
    )
    code, complaint = pip_install(requirements)
    if code and any(sign in complaint for sign in NETWORK_SIGNS):
        say("网络似乎中断，正在再试一次……", "The network seems to have failed; trying once more ...")
        code, complaint = pip_install(requirements)
    if code:
        say(
            "Python 软件包没有装好，原因见上；请检查网络或软件源设置后重试，已装的部分会保留。",
            "The Python packages were not installed, see above; check the network or index and repeat. Nothing done is lost.",
        )
    return code


def pip_runs() -> bool:
    """Say whether `.venv` has a Python that still runs and has pip."""
    check = [str(PYTHON), "-m", "pip", "--version"]
    return PYTHON.exists() and subprocess.run(check, stdout=subprocess.DEVNULL, check=False).returncode == 0


def make_venv() -> int:
    """Create `.venv`, replacing one that no longer runs; return the exit code."""
    if pip_runs():
        return 0
    return subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode


def main() -> int:
    """Bring `.venv` to what the requirements ask; return 0, 1 when packages failed, 2 when this Python will not do."""
    if python_complaint():
        return 2
    development = ROOT / "requirements-dev.txt"
    wanted = development if "--dev" in sys.argv[1:] else ROOT / "requirements.txt"
    # The development packages include the runtime's, so either digest satisfies `make run`.
    enough = {digest_of(wanted), digest_of(development)}
    if enough & set(installed().split()):
        return 0
    code = make_venv() or install(wanted)
    if code == 0:
        MARKER.write_text(digest_of(wanted) + "\n", "ascii")
    return code


if __name__ == "__main__":
    sys.exit(main())
