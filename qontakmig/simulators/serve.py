"""Start practice orgs: in this process (``python -m qontakmig.simulators.serve``) or as a child.

The first line on standard output is one JSON object, {system: {base_url, credentials, …}}, written
when every port answers.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import importlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn

from qontakmig.simulators.kit import certificates
from qontakmig.simulators.kit.faults import BadFault, parse
from qontakmig.simulators.kit.practice_org import PracticeOrg, UnknownSwitch
from qontakmig.simulators.kit.server import OrgServer

SYSTEMS = {
    "qontak": ("qontakmig.simulators.qontak.org", "QontakOrg"),
    "salesforce": ("qontakmig.simulators.salesforce.http.practice_org", "SalesforceSandbox"),
    "salesforce_production": (
        "qontakmig.simulators.salesforce.http.practice_org",
        "SalesforceProduction",
    ),
}
"""System name → module and class of its practice org, in the order ports are given out."""

SIZES = (
    "contacts",
    "companies",
    "deals",
    "tickets",
    "messages",
    "tasks",
    "notes",
    "calls",
    "appointments",
    "products",
    "broadcasts",
    "files",
    "users",
)
"""Objects whose number can be asked for; an org ignores those it does not keep."""


LOCK_SECONDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that ``simulate`` and ``python -m qontakmig.simulators.serve`` share."""
    parser.add_argument("--only", default="", help="systems, separated by commas (all)")
    parser.add_argument("--port-base", type=int, default=0, help="first port (any free ports)")
    parser.add_argument("--seed", type=int, default=1, help="what the invented data grow from (1)")
    for size in SIZES:
        parser.add_argument(f"--{size}", type=int, metavar="N", help=f"number of {size}")
    parser.add_argument("--empty", action="store_true", help="orgs without any data")
    parser.add_argument("--latency-ms", type=float, default=0, metavar="N")
    parser.add_argument("--rate-limit", type=int, default=0, metavar="N", help="per minute")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="as in status=503:0.1 or salesforce.drop_after=x2@POST@/composite",
    )
    parser.add_argument(
        "--org", action="append", default=[], metavar="SYSTEM.SWITCH=VALUE", help="set a switch"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the orgs' content here")


def options_from(values: Mapping[str, Any]) -> argparse.Namespace:
    """Return the options ``run`` reads out of a mapping that holds more than those."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    names = vars(parser.parse_args([]))
    return argparse.Namespace(**{name: values[name] for name in names})


def run(options: argparse.Namespace, *, watch_stdin: bool = False) -> None:
    """Serve until SIGTERM or SIGINT; with ``watch_stdin`` also until standard input ends.

    Raises ValueError for an unknown system, switch or fault, or a port that is not free.
    """
    with _alone_in(options.state):
        _run(options, watch_stdin)


def _run(options: argparse.Namespace, watch_stdin: bool) -> None:
    orgs = build_orgs(options)
    faults = _faults_by_system(options.fault, orgs)
    directory = options.state or Path(tempfile.mkdtemp(prefix="practice-orgs-"))
    _exit_on_signals(None if options.state else directory)
    if watch_stdin:
        threading.Thread(target=_exit_at_end_of_stdin, daemon=True).start()
    try:
        asyncio.run(_serve(orgs, faults, options, directory))
    finally:
        if not options.state:
            shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _alone_in(state: Path | None) -> Iterator[None]:
    """Hold the state folder: an org that is about to end may still write into it."""
    if state is None:
        yield
        return
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as file:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise ValueError(f"other practice orgs are running in {state}") from None
                time.sleep(0.05)
        yield


def build_orgs(options: argparse.Namespace) -> dict[str, PracticeOrg]:
    """Return the chosen orgs, not yet listening. Raises ValueError for unknown names."""
    chosen = [name for name in options.only.split(",") if name] or list(SYSTEMS)
    unknown = [name for name in chosen if name not in SYSTEMS]
    if unknown:
        raise ValueError(f"no practice org {', '.join(unknown)}; there are: {', '.join(SYSTEMS)}")
    switches = _switches_by_system(options.org, chosen)
    sizes = {size: getattr(options, size) for size in SIZES if getattr(options, size) is not None}
    if options.empty:
        sizes = dict.fromkeys(SIZES, 0)
    orgs: dict[str, PracticeOrg] = {}
    for name in SYSTEMS:
        if name in chosen:
            module, class_name = SYSTEMS[name]
            org_class = getattr(importlib.import_module(module), class_name)
            orgs[name] = org_class(seed=options.seed, sizes=sizes, switches=switches[name])
            if options.state:
                orgs[name].load(options.state)
    return orgs


def _switches_by_system(settings: Iterable[str], chosen: Sequence[str]) -> dict[str, Any]:
    switches: dict[str, dict[str, str]] = {name: {} for name in chosen}
    for setting in settings:
        target, _, value = setting.partition("=")
        system, _, switch = target.partition(".")
        if system not in SYSTEMS or not switch:
            raise ValueError(f"--org {setting}: write SYSTEM.SWITCH=VALUE")
        if system in switches:
            switches[system][switch] = value
    return switches


def _faults_by_system(texts: Iterable[str], orgs: Iterable[str]) -> dict[str, list[str]]:
    """Return each org's faults: ``qontak.status=503`` goes to one, ``status=503`` to all."""
    faults: dict[str, list[str]] = {name: [] for name in orgs}
    for text in texts:
        system, dot, rest = text.partition(".")
        targets, fault = ([system], rest) if dot and system in SYSTEMS else (list(faults), text)
        parse(fault)
        for target in targets:
            if target in faults:
                faults[target].append(fault)
    return faults


async def _serve(
    orgs: dict[str, PracticeOrg],
    faults: dict[str, list[str]],
    options: argparse.Namespace,
    directory: Path,
) -> None:
    ports = iter(range(options.port_base, 65536)) if options.port_base else iter(int, 1)
    info: dict[str, Any] = {}
    workers = []
    for name, org in orgs.items():
        server = OrgServer(
            org,
            latency_ms=options.latency_ms,
            rate_limit=options.rate_limit,
            faults=faults[name],
        )
        info[name] = await _listen(server, ports, directory)
        workers.append(asyncio.create_task(server.work()))
    print(json.dumps(info), flush=True)
    await asyncio.gather(*workers)


async def _listen(server: OrgServer, ports: Any, directory: Path) -> dict[str, Any]:
    """Open the org's port or ports and return its entry of the first output line."""
    org = server.org
    addresses: dict[str, Any] = {}
    if org.tls:
        ca_file, server_file = certificates.make(directory)
        tls_socket = _bind(next(ports))
        await server.listen(tls_socket, certificates.server_context(server_file))
        org.base_url = f"https://127.0.0.1:{tls_socket.getsockname()[1]}"
        addresses["ca_file"] = str(ca_file)
    plain_socket = _bind(next(ports))
    http_url = f"http://127.0.0.1:{plain_socket.getsockname()[1]}"
    await server.listen(plain_socket)
    org.base_url = org.base_url or http_url
    if org.tls:
        addresses["http_url"] = http_url
    return {
        "base_url": org.base_url,
        **addresses,
        "control_url": f"{http_url}/__practice__/",
        **org.details(),
        "credentials": org.credentials(),
    }


def _bind(port: int) -> socket.socket:
    # asyncio turns Nagle's delay off only for sockets that say their protocol.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError as error:
        raise ValueError(f"cannot listen on port {port}: {error.strerror}") from error
    sock.setblocking(False)
    return sock


def _exit_on_signals(temporary: Path | None) -> None:
    """Leave at once on SIGTERM and SIGINT: committed changes were flushed before each answer."""

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)


def _exit_at_end_of_stdin() -> None:
    """Leave when the parent is gone, which closes its end of the pipe."""
    while sys.stdin.buffer.read(65536):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


class DidNotStart(RuntimeError):
    """The child's last words; ``status`` is its exit status, negative when a signal ended it."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


class Running:
    """Practice orgs in a child process. ``info`` is the first output line, read."""

    def __init__(self, process: subprocess.Popen[bytes], info: dict[str, Any]) -> None:
        self.process = process
        self.info = info

    def stop(self) -> None:
        """End the child; harmless when it has ended already."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    systems: Sequence[str] = tuple(SYSTEMS),
    *,
    seed: int = 1,
    sizes: Mapping[str, int] | None = None,
    switches: Mapping[str, Mapping[str, str]] | None = None,
    faults: Sequence[str] = (),
    latency_ms: float = 0,
    rate_limit: int = 0,
    port_base: int = 0,
    empty: bool = False,
    state: Path | str | None = None,
) -> Running:
    """Start practice orgs in a child process that ends when this one does; return the handle.

    sizes     {"contacts": 800, "deals": 200}
    switches  {"salesforce": {"service_cloud": "off"}}
    faults    ["status=503:0.1", "salesforce.drop_after=x2"]

    Ctrl-C on the terminal does not reach it: who started it decides when it ends. Raises
    DidNotStart.
    """
    command = [sys.executable, "-m", "qontakmig.simulators.serve", "--watch-stdin"]
    command += ["--only", ",".join(systems), "--seed", str(seed), "--port-base", str(port_base)]
    command += ["--latency-ms", str(latency_ms), "--rate-limit", str(rate_limit)]
    for size, number in (sizes or {}).items():
        command += [f"--{size}", str(number)]
    for system, settings in (switches or {}).items():
        for name, value in settings.items():
            command += ["--org", f"{system}.{name}={value}"]
    for fault in faults:
        command += ["--fault", fault]
    if empty:
        command.append("--empty")
    if state is not None:
        command += ["--state", str(state)]
    process = subprocess.Popen(  # noqa: S603 - our own module, arguments as a list
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert process.stdout is not None
    words = _Words(process)
    line = process.stdout.readline()
    if not line:
        raise DidNotStart(words.last(), process.wait())
    words.pass_on()
    return Running(process, json.loads(line))


class _Words:
    """What a child writes on standard error: kept while it starts, passed on from then on."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._lines: list[str] = []
        self._started = False
        self._reader = threading.Thread(target=self._read, args=(process.stderr,), daemon=True)
        self._reader.start()

    def _read(self, stream: Any) -> None:
        with stream:
            for line in stream:
                text = line.decode(errors="replace")
                if self._started:
                    sys.stderr.write(text)
                else:
                    self._lines.append(text)

    def pass_on(self) -> None:
        self._started = True
        sys.stderr.writelines(self._lines)

    def last(self) -> str:
        """Return the last line of a child that has ended, without the program's name."""
        self._reader.join(5)
        said = self._lines[-1].strip() if self._lines else "The practice orgs did not start."
        return said.partition("error: ")[2] or said


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve practice orgs as the command line says."""
    parser = argparse.ArgumentParser(prog="qontakmig.simulators.serve", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--watch-stdin", action="store_true", help="end when stdin ends")
    options = parser.parse_args(arguments)
    try:
        run(options, watch_stdin=options.watch_stdin)
    except (BadFault, UnknownSwitch, ValueError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
