import { Fault } from "../../../contracts/fault.ts";

/** Numbers of the system calls that no program of a candidate needs: Linux's unistd_64.h (x86-64) and asm-generic/unistd.h. */
const machines = {
  x64: {
    // AUDIT_ARCH_X86_64 of linux/audit.h
    audit: 0xc000003e,
    calls: {
      fork: 57,
      vfork: 58,
      clone: 56,
      ptrace: 101,
      unshare: 272,
      setns: 308,
      chroot: 161,
      pivot_root: 155,
      mount: 165,
      umount2: 166,
      personality: 135,
      add_key: 248,
      request_key: 249,
      keyctl: 250,
      bpf: 321,
      userfaultfd: 323,
      perf_event_open: 298,
      process_vm_readv: 310,
      process_vm_writev: 311,
      kcmp: 312,
      name_to_handle_at: 303,
      open_by_handle_at: 304,
      shmget: 29,
      msgget: 68,
      semget: 64,
      mq_open: 240,
      memfd_create: 319,
      socket: 41,
      socketpair: 53,
    },
  },
  arm64: {
    // AUDIT_ARCH_AARCH64
    audit: 0xc00000b7,
    calls: {
      clone: 220,
      ptrace: 117,
      unshare: 97,
      setns: 268,
      chroot: 51,
      pivot_root: 41,
      mount: 40,
      umount2: 39,
      personality: 92,
      add_key: 217,
      request_key: 218,
      keyctl: 219,
      bpf: 280,
      userfaultfd: 282,
      perf_event_open: 241,
      process_vm_readv: 270,
      process_vm_writev: 271,
      kcmp: 272,
      name_to_handle_at: 264,
      open_by_handle_at: 265,
      shmget: 194,
      msgget: 186,
      semget: 190,
      mq_open: 180,
      memfd_create: 279,
      socket: 198,
      socketpair: 199,
    },
  },
} as const;

/** From number 424 on every machine has the same. */
const everywhere = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  pidfd_open: 434,
  clone3: 435,
  pidfd_getfd: 438,
  mount_setattr: 442,
  memfd_secret: 447,
} as const;

/** Operations of classic BPF (linux/bpf_common.h) and answers of seccomp (linux/seccomp.h). */
const load = 0x20;
const jumpEqual = 0x15;
const jumpAtLeast = 0x35;
const answer = 0x06;
const allow = 0x7fff0000;
const refuse = 0x00050000 | 1; // SECCOMP_RET_ERRNO with EPERM
const kill = 0x80000000;
/** x86-64 answers to a second set of numbers (the x32 ABI) from here on. */
const secondSet = 0x40000000;

/**
 * A seccomp program: one process, one thread, no socket, no shared memory outside the address space. What is refused
 * fails with EPERM, so that the program sees an error and not a sudden end.
 * @throws Fault judge.unavailable on another processor
 */
export function systemCallFilter(machine: string): Buffer {
  if (machine !== "x64" && machine !== "arm64")
    throw new Fault(
      "judge.unavailable",
      `Python is judged on x64 and arm64 boards only; this one is ${machine}: offer JavaScript`,
    );
  const { audit, calls } = machines[machine];
  const refused = [...Object.values(calls), ...Object.values(everywhere)];
  const steps: [code: number, whenTrue: number, whenFalse: number, value: number][] = [
    [load, 0, 0, 4],
    [jumpEqual, 1, 0, audit],
    [answer, 0, 0, kill],
    [load, 0, 0, 0],
    [jumpAtLeast, refused.length + 1, 0, secondSet],
    ...refused.map((call, at): [number, number, number, number] => [jumpEqual, refused.length - at, 0, call]),
    [answer, 0, 0, allow],
    [answer, 0, 0, refuse],
  ];
  const program = Buffer.alloc(steps.length * 8);
  for (const [at, [code, whenTrue, whenFalse, value]] of steps.entries()) {
    program.writeUInt16LE(code, at * 8);
    program.writeUInt8(whenTrue, at * 8 + 2);
    program.writeUInt8(whenFalse, at * 8 + 3);
    program.writeUInt32LE(value, at * 8 + 4);
  }
  return program;
}

const environment: Readonly<Record<string, string>> = {
  LANG: "C.UTF-8",
  PATH: "/usr/bin",
  PYTHONUTF8: "1",
  // The same program walks its sets in the same order each time.
  PYTHONHASHSEED: "0",
};

/**
 * How bubblewrap starts the program: Python's own files and nothing else of the machine, all read-only; no /proc, no
 * network, no other process in sight. `python`: the interpreter's real file. Words in capitals are supervise.py's.
 */
export function sandboxed(python: string): string[] {
  const options: readonly (readonly string[])[] = [
    ["--unshare-all"],
    ["--unshare-user"],
    ["--uid", "65534"],
    ["--gid", "65534"],
    ["--hostname", "judge"],
    ["--die-with-parent"],
    ["--new-session"],
    ["--cap-drop", "ALL"],
    ["--clearenv"],
    ...Object.entries(environment).map(([name, value]) => ["--setenv", name, value]),
    ["--ro-bind", "/usr/lib", "/usr/lib"],
    ["--ro-bind-try", "/usr/lib64", "/usr/lib64"],
    ["--ro-bind", python, "/usr/bin/python3"],
    ["--symlink", "usr/lib", "/lib"],
    ["--symlink", "usr/lib64", "/lib64"],
    ["--dev-bind", "/dev/null", "/dev/null"],
    ["--file", "SOURCE", "/main.py"],
    ["--remount-ro", "/"],
    ["--chdir", "/"],
    ["--seccomp", "FILTER"],
    ["--json-status-fd", "STATUS"],
  ];
  return ["/usr/bin/bwrap", ...options.flat(), "--", "/usr/bin/python3", "-s", "-S", "-B", "/main.py"];
}
