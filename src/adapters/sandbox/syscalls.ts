/** The machines whose system call numbers are known here; on any other there is no sandbox. */
export type Machine = 'x64' | 'arm64'

/** Refused with EPERM: they reach into other processes, mounts, namespaces, the kernel or the clock. [x64, arm64]; null where the machine has no such call. */
export const forbiddenCalls: Readonly<Record<string, readonly [number | null, number | null]>> = {
  acct: [163, 89],
  add_key: [248, 217],
  adjtimex: [159, 171],
  bpf: [321, 280],
  chroot: [161, 51],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  delete_module: [176, 106],
  fanotify_init: [300, 262],
  finit_module: [313, 273],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fsopen: [430, 430],
  fspick: [433, 433],
  init_module: [175, 105],
  ioperm: [173, null],
  iopl: [172, null],
  kcmp: [312, 272],
  kexec_file_load: [320, 294],
  kexec_load: [246, 104],
  keyctl: [250, 219],
  lookup_dcookie: [212, 18],
  migrate_pages: [256, 238],
  modify_ldt: [154, null],
  mount: [165, 40],
  mount_setattr: [442, 442],
  move_mount: [429, 429],
  move_pages: [279, 239],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  open_tree: [428, 428],
  open_tree_attr: [467, 467],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pivot_root: [155, 41],
  process_madvise: [440, 440],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  reboot: [169, 142],
  request_key: [249, 218],
  setdomainname: [171, 162],
  sethostname: [170, 161],
  setns: [308, 268],
  settimeofday: [164, 170],
  swapoff: [168, 225],
  swapon: [167, 224],
  syslog: [103, 116],
  umount2: [166, 39],
  unshare: [272, 97],
  userfaultfd: [323, 282],
  vhangup: [153, 58],
}

/** Answered with ENOSYS, so that programs fall back to an older way which the filter or the limits can look into. */
export const absentCalls: Readonly<Record<string, readonly [number, number]>> = {
  clone3: [435, 435],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  io_uring_setup: [425, 425],
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
}

/** Allowed or refused by their arguments. */
export const watchedCalls = {
  clone: [56, 220],
  ioctl: [16, 29],
  personality: [135, 92],
  shmget: [29, 194],
  socket: [41, 198],
} as const satisfies Readonly<Record<string, readonly [number, number]>>

/** The `arch` field that the kernel hands to a filter. */
export const auditArch: Readonly<Record<Machine, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 }
