/** The starter for arm64: each instruction's bytes, and the instruction as GNU `as` reads it. A test assembles it again. */
export const starterArm64 = `
_start:  # keeps standard streams, reports (5) and orders (6) alone, and these two from the command
  883680d2  mov x8, 436
  600080d2  mov x0, 3
  810080d2  mov x1, 4
  020080d2  mov x2, 0
  010000d4  svc 0
  e0140035  cbnz w0, fail
  883680d2  mov x8, 436
  e00080d2  mov x0, 7
  01008012  mov w1, -1
  020080d2  mov x2, 0
  010000d4  svc 0
  20140035  cbnz w0, fail
  883680d2  mov x8, 436
  a00080d2  mov x0, 5
  c10080d2  mov x1, 6
  820080d2  mov x2, 4
  010000d4  svc 0
  60130035  cbnz w0, fail
  1300a2d2  mov x19, 0x10000000
  1410a2d2  mov x20, 0x10800000
  40ae8cd2  mov x0, 0x6572
  208cacf2  movk x0, 0x6461, lsl 16
  204fc1f2  movk x0, 0x0a79, lsl 32
  800200f9  str x0, [x20]
  080880d2  mov x8, 64
  a00080d2  mov x0, 5
  e10314aa  mov x1, x20
  c20080d2  mov x2, 6
  010000d4  svc 0
  f50313aa  mov x21, x19
read:  # reads the orders to their end into the room for them
  e80780d2  mov x8, 63
  c00080d2  mov x0, 6
  e10315aa  mov x1, x21
  820215cb  sub x2, x20, x21
  010000d4  svc 0
  2011f8b7  tbnz x0, 63, fail
  600000b4  cbz x0, whole
  b502008b  add x21, x21, x0
  f8ffff17  b read
whole:  # takes them only if they are as long as they say
  b50213eb  subs x21, x21, x19
  80100054  b.eq fail
  600240f9  ldr x0, [x19]
  1f0015eb  cmp x0, x21
  21100054  b.ne fail
  280780d2  mov x8, 57
  c00080d2  mov x0, 6
  010000d4  svc 0
  76c20091  add x22, x19, 48
  770640f9  ldr x23, [x19, 8]
limit:  # sets each limit on itself: prlimit64(0, resource, limit, 0)
  770100b4  cbz x23, helper
  a82080d2  mov x8, 261
  000080d2  mov x0, 0
  c10240f9  ldr x1, [x22]
  c2220091  add x2, x22, 8
  030080d2  mov x3, 0
  010000d4  svc 0
  800e0035  cbnz w0, fail
  d6620091  add x22, x22, 24
  f70600d1  sub x23, x23, 1
  f6ffff17  b limit
helper:  # where the orders name a helper, runs it and awaits that it succeeds; what it left running is one process
  38008052  mov w24, 1
  770a40f9  ldr x23, [x19, 16]
  d70200b4  cbz x23, start
  881b80d2  mov x8, 220
  202288d2  mov x0, 0x4111
  010080d2  mov x1, 0
  020080d2  mov x2, 0
  030080d2  mov x3, 0
  040080d2  mov x4, 0
  010000d4  svc 0
  c00cf837  tbnz w0, 31, fail
  000c0034  cbz w0, help
  f603002a  mov w22, w0
await:
  882080d2  mov x8, 260
  00008092  mov x0, -1
  81420091  add x1, x20, 16
  020080d2  mov x2, 0
  030080d2  mov x3, 0
  010000d4  svc 0
  1f00166b  cmp w0, w22
  21ffff54  b.ne await
  801240b9  ldr w0, [x20, 16]
  400b0035  cbnz w0, fail
  58008052  mov w24, 2
start:  # starts the command: clone(CLONE_VM | CLONE_VFORK | SIGCHLD), so that a failed execve is seen in the shared memory
  881b80d2  mov x8, 220
  202288d2  mov x0, 0x4111
  010080d2  mov x1, 0
  020080d2  mov x2, 0
  030080d2  mov x3, 0
  040080d2  mov x4, 0
  010000d4  svc 0
  4007f837  tbnz w0, 31, unstarted
  a0080034  cbz w0, command
  f603002a  mov w22, w0
  801640b9  ldr w0, [x20, 20]
  c006f837  tbnz w0, 31, unstarted
wait:  # reaps every process until the command itself
  882080d2  mov x8, 260
  00008092  mov x0, -1
  81420091  add x1, x20, 16
  020080d2  mov x2, 0
  030080d2  mov x3, 0
  010000d4  svc 0
  1f00166b  cmp w0, w22
  21ffff54  b.ne wait
  20008052  mov w0, 1
  811240b9  ldr w1, [x20, 16]
  80060029  stp w0, w1, [x20]
drain:  # reaps what else has ended
  882080d2  mov x8, 260
  00008092  mov x0, -1
  81420091  add x1, x20, 16
  220080d2  mov x2, 1
  030080d2  mov x3, 0
  010000d4  svc 0
  1f000071  cmp w0, 0
  2cffff54  b.gt drain
  e0058ed2  mov x0, 0x702f
  40eeadf2  movk x0, 0x6f72, lsl 16
  600cc0f2  movk x0, 0x63, lsl 32
  800e00f9  str x0, [x20, 24]
  080780d2  mov x8, 56
  600c8092  mov x0, -100
  81620091  add x1, x20, 24
  020088d2  mov x2, 0x4000
  030080d2  mov x3, 0
  010000d4  svc 0
  e005f837  tbnz w0, 31, fail
  f703002a  mov w23, w0
  f803184b  neg w24, w24
list:  # counts the processes that are left: numbers in /proc, without its own
  a80780d2  mov x8, 61
  e003172a  mov w0, w23
  81020191  add x1, x20, 64
  020090d2  mov x2, 0x8000
  010000d4  svc 0
  e004f837  tbnz w0, 31, fail
  a0010034  cbz w0, counted
  81020191  add x1, x20, 64
  2200008b  add x2, x1, x0
entry:
  234c4039  ldrb w3, [x1, 19]
  63c00051  sub w3, w3, 0x30
  7f240071  cmp w3, 9
  48000054  b.hi next
  18070011  add w24, w24, 1
next:
  23204079  ldrh w3, [x1, 16]
  2100038b  add x1, x1, x3
  3f0002eb  cmp x1, x2
  03ffff54  b.lo entry
  eeffff17  b list
counted:
  980a00b9  str w24, [x20, 8]
  05000014  b tell
unstarted:  # says [2, errno, 0] where the command did not start
  e103004b  neg w1, w0
  40008052  mov w0, 2
  80060029  stp w0, w1, [x20]
  9f0a00b9  str wzr, [x20, 8]
tell:  # says [1, wait status, processes left]
  080880d2  mov x8, 64
  a00080d2  mov x0, 5
  e10314aa  mov x1, x20
  820180d2  mov x2, 12
  010000d4  svc 0
  000080d2  mov x0, 0
exit:
  c80b80d2  mov x8, 94
  010000d4  svc 0
command:  # in the child
  a81b80d2  mov x8, 221
  608641a9  ldp x0, x1, [x19, 24]
  621640f9  ldr x2, [x19, 40]
  010000d4  svc 0
  801600b9  str w0, [x20, 20]
  06000014  b fail
help:  # in the child that becomes the helper
  a81b80d2  mov x8, 221
  e00240f9  ldr x0, [x23]
  e10317aa  mov x1, x23
  020080d2  mov x2, 0
  010000d4  svc 0
fail:
  a00f80d2  mov x0, 125
  f2ffff17  b exit
`
