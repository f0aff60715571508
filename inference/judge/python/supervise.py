"""Runs a sandboxed program once for each input and tells of each run in a JSON line.

Stands outside of the sandbox: only here can time and memory be learnt from wait4(2) instead of from the program itself.
The request is one JSON line on standard input: argv, source, filter (base64 of a seccomp program), inputs, limits.
The words SOURCE, FILTER and STATUS in argv stand for file descriptors.
"""

import base64
import ctypes
import json
import os
import resource
import selectors
import signal
import sys
import time

NOBODY = 65534
COMPLAINT_BYTES = 4096
CHUNK = 65536
# linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """bwrap goes before the sandbox's own init has been waited for: it is waited for here, for what it used."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def wait_for_all(pid):
    """Waits for bwrap and everything that was in it: bwrap's exit code, seconds on a core, highest memory in kB."""
    exit_code, cpu, peak = 127, 0.0, 0
    while True:
        try:
            ended, code, used = os.wait4(-1, 0)
        except ChildProcessError:
            return exit_code, cpu, peak
        if ended == pid:
            exit_code = os.waitstatus_to_exitcode(code)
        cpu += used.ru_utime + used.ru_stime
        peak = max(peak, used.ru_maxrss)


def memory_file(name, content):
    """An open file that holds the content and lies in no folder."""
    fd = os.memfd_create(name)
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def confine(limits, source_bytes):
    """In the child before exec: hard limits, which nothing of what follows can raise."""
    memory = limits["memoryBytes"]
    cpu = max(1, -(-limits["cpuMillis"] // 1000))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # The soft limit's SIGXCPU can be caught, the hard limit's SIGKILL cannot.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    # bwrap writes the program's text into the sandbox: more than that no file may hold.
    resource.setrlimit(resource.RLIMIT_FSIZE, (source_bytes, source_bytes))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def start(request, stdio):
    """Forks the sandbox; gives its process id and the reading end of bwrap's status."""
    source = request["source"].encode("utf-8", "surrogatepass")
    status_read, status_write = os.pipe()
    words = {
        "SOURCE": memory_file("source", source),
        "FILTER": memory_file("filter", base64.b64decode(request["filter"])),
        "STATUS": status_write,
    }
    argv = [str(words.get(one, one)) for one in request["argv"]]
    pid = os.fork()
    if pid == 0:
        try:
            for at, fd in enumerate(stdio):
                os.dup2(fd, at)
            for fd in words.values():
                os.set_inheritable(fd, True)
            confine(request["limits"], len(source))
            os.execv(argv[0], argv)
        except BaseException as error:
            os.write(2, f"bwrap: {error}".encode())
        finally:
            os._exit(127)
    for fd in words.values():
        os.close(fd)
    return pid, status_read


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:
            return [int(one) for one in listed.read().split()]
    except OSError:
        return []


def documents(status):
    """What bwrap said of its child so far, in one dictionary."""
    merged = {}
    for line in status.split(b"\n"):
        try:
            merged.update(json.loads(line))
        except ValueError:
            pass
    return merged


class Run:
    """One run of the program: feeds it, reads it, stops it."""

    def __init__(self, request, given):
        self.limits = request["limits"]
        self.given = memoryview(given)
        self.out = b""
        self.complaint = b""
        self.complained = 0
        self.status = b""
        self.stopped = None
        stdin_read, self.stdin = os.pipe()
        self.stdout, stdout_write = os.pipe()
        self.stderr, stderr_write = os.pipe()
        self.began = time.monotonic()
        self.pid, self.status_fd = start(request, (stdin_read, stdout_write, stderr_write))
        for fd in (stdin_read, stdout_write, stderr_write):
            os.close(fd)
        self.selector = selectors.DefaultSelector()

    def stop(self, reason):
        self.stopped = self.stopped or reason
        init = documents(self.status).get("child-pid", self.pid)
        # The program alone: the sandbox's own init then waits for it, and what it used is learnt.
        for pid in children_of(init) or [init]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def write(self):
        try:
            self.given = self.given[os.write(self.stdin, self.given) :]
        except BrokenPipeError:
            self.given = self.given[:0]
        except BlockingIOError:
            return
        if not self.given:
            self.close(self.stdin)

    def close(self, fd):
        self.selector.unregister(fd)
        os.close(fd)

    def read(self, fd):
        chunk = os.read(fd, CHUNK)
        if not chunk:
            self.close(fd)
        elif fd == self.status_fd:
            self.status += chunk
        elif fd == self.stdout:
            self.out += chunk[: self.limits["outputBytes"] + 1 - len(self.out)]
        else:
            self.complained += len(chunk)
            self.complaint = (self.complaint + chunk)[-COMPLAINT_BYTES:]
        if max(len(self.out), self.complained) > self.limits["outputBytes"]:
            self.stop("output")

    def converse(self):
        if self.given:
            os.set_blocking(self.stdin, False)
            self.selector.register(self.stdin, selectors.EVENT_WRITE)
        else:
            os.close(self.stdin)
        for fd in (self.stdout, self.stderr, self.status_fd):
            self.selector.register(fd, selectors.EVENT_READ)
        end = self.began + self.limits["wallMillis"] / 1000
        while any(fd != self.stdin for fd in [one.fd for one in self.selector.get_map().values()]):
            left = end - time.monotonic()
            if left <= 0 and self.stopped is None:
                self.stop("wall")
            # Stopped and not gone: bwrap itself is killed, and with it, by its own wish, all that is in it.
            if left < -1:
                os.kill(self.pid, signal.SIGKILL)
                break
            for key, _ in self.selector.select(max(0.01, left) if self.stopped is None else 0.2):
                self.write() if key.fd == self.stdin else self.read(key.fd)

    def finish(self):
        try:
            self.converse()
        finally:
            for fd in [one.fd for one in self.selector.get_map().values()]:
                self.close(fd)
            code, cpu, peak = wait_for_all(self.pid)
        exit_code = documents(self.status).get("exit-code")
        return {
            "began": "exit-code" in documents(self.status) or self.stopped is not None,
            "exit": code if exit_code is None else exit_code,
            "stopped": self.stopped,
            "cpuMillis": round(cpu * 1000, 1),
            "wallMillis": round((time.monotonic() - self.began) * 1000, 1),
            "peakKilobytes": peak,
            "output": self.out[: self.limits["outputBytes"]].decode("utf-8", "replace"),
            "complaint": self.complaint.decode("utf-8", "replace"),
        }


def main():
    adopt_orphans()
    request = json.loads(sys.stdin.buffer.readline())
    for given in request["inputs"]:
        report = Run(request, given.encode("utf-8", "surrogatepass")).finish()
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()


main()
