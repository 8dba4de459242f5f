"""Work in the background of a process: a bounded queue, a few threads, and a sign of life."""

import logging
import os
import platform
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from app.infra.errors import UnavailableError

_log = logging.getLogger("parindex")
BEAT_SECONDS = 10
_SHORT_SWITCH, _USUAL_SWITCH = 0.0005, sys.getswitchinterval()
"""While a thread parses, others get the interpreter ten times as often: requests are short."""

Work = Callable[[], None]


class Jobs:
    """The background threads of one process. Nothing runs before the first job comes.

    `name` tells this process from all others, `host/process id/chance`.
    """

    def __init__(self, threads: int, waiting: int) -> None:
        self.name = f"{platform.node()}/{os.getpid()}/{secrets.token_hex(4)}"
        self.stopping = threading.Event()
        self.on_beat: Callable[[Sequence[str]], None] = lambda _: None
        self._most = threads + waiting
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="import")
        self._jobs: dict[str, Future[None]] = {}
        self._running = 0
        self._beats: threading.Thread | None = None

    def submit(self, key: str, work: Work, *, bounded: bool = True) -> Future[None]:
        """Queue work that tells its own failures. Refuses more than may wait."""
        with self._lock:
            if self.stopping.is_set() or (bounded and len(self._jobs) >= self._most):
                raise UnavailableError("imports_busy", waiting=len(self._jobs))
            future = self._pool.submit(self._run, work)
            self._jobs[key] = future
            self._start_beats()
        future.add_done_callback(lambda _: self._forget(key, future))
        return future

    def refuse_where_full(self) -> None:
        """Before a file is taken: whether there is room for it."""
        if len(self._jobs) >= self._most:
            raise UnavailableError("imports_busy", waiting=len(self._jobs))

    def find(self, key: str) -> Future[None] | None:
        """The job of a key, while it waits or runs here."""
        with self._lock:
            return self._jobs.get(key)

    def stop(self) -> list[str]:
        """Let what runs come to an end soon; the keys of jobs that never began."""
        self.stopping.set()
        with self._lock:
            jobs = list(self._jobs.items())
        waiting = [key for key, future in jobs if future.cancel()]
        self._pool.shutdown(wait=True)
        return waiting

    def is_dead(self, worker: str | None) -> bool:
        """Whether the process of a name is known to be gone; one of another host never is."""
        host, _, rest = (worker or "").partition("/")
        pid = rest.partition("/")[0]
        if worker == self.name or host != platform.node() or not pid.isdecimal():
            return False
        if int(pid) == os.getpid():
            return True  # an earlier process with our number
        if sys.platform == "win32":  # there the signal 0 is none
            return False
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def _run(self, work: Work) -> None:
        with self._lock:
            self._running += 1
            sys.setswitchinterval(_SHORT_SWITCH)
        try:
            work()
        except Exception:  # noqa: BLE001 - work tells its failures itself; this is the last resort
            _log.exception("a job failed")
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    sys.setswitchinterval(_USUAL_SWITCH)

    def _forget(self, key: str, future: Future[None]) -> None:
        with self._lock:
            if self._jobs.get(key) is future:
                del self._jobs[key]

    def _start_beats(self) -> None:
        if self._beats is None or not self._beats.is_alive():
            self._beats = threading.Thread(target=self._beat, name="import-beat", daemon=True)
            self._beats.start()

    def _beat(self) -> None:
        """While there are jobs, say every few seconds that they are in hands."""
        while not self.stopping.wait(BEAT_SECONDS):
            with self._lock:
                keys = list(self._jobs)
                if not keys:
                    self._beats = None
                    return
            try:
                self.on_beat(keys)
            except Exception as error:  # noqa: BLE001 - a database that is busy or gone is told elsewhere
                _log.info("no sign of life written: %s", type(error).__name__)
