/** The starter for x86-64: each instruction's bytes, and the instruction as GNU `as` reads it (`.intel_syntax noprefix`). A test assembles it again. */
export const starterX64 = `
_start:  # keeps standard streams, reports (5) and orders (6) alone, and these two from the command
  b8b4010000            mov eax, 436
  bf03000000            mov edi, 3
  be04000000            mov esi, 4
  31d2                  xor edx, edx
  0f05                  syscall
  85c0                  test eax, eax
  0f8580020000          jnz fail
  b8b4010000            mov eax, 436
  bf07000000            mov edi, 7
  beffffffff            mov esi, -1
  31d2                  xor edx, edx
  0f05                  syscall
  85c0                  test eax, eax
  0f8565020000          jnz fail
  b8b4010000            mov eax, 436
  bf05000000            mov edi, 5
  be06000000            mov esi, 6
  ba04000000            mov edx, 4
  0f05                  syscall
  85c0                  test eax, eax
  0f8547020000          jnz fail
  bd00000010            mov ebp, 0x10000000
  bb00008010            mov ebx, 0x10800000
  48b872656164790a0000  mov rax, 0x0a7964616572
  488903                mov [rbx], rax
  b801000000            mov eax, 1
  bf05000000            mov edi, 5
  4889de                mov rsi, rbx
  ba06000000            mov edx, 6
  0f05                  syscall
  4989ec                mov r12, rbp
read:  # reads the orders to their end into the room for them
  31c0                  xor eax, eax
  bf06000000            mov edi, 6
  4c89e6                mov rsi, r12
  4889da                mov rdx, rbx
  4c29e2                sub rdx, r12
  0f05                  syscall
  4885c0                test rax, rax
  0f88fe010000          js fail
  7405                  jz whole
  4901c4                add r12, rax
  ebde                  jmp read
whole:  # takes them only if they are as long as they say
  4929ec                sub r12, rbp
  0f84ee010000          jz fail
  4c3b6500              cmp r12, [rbp]
  0f85e4010000          jne fail
  b803000000            mov eax, 3
  bf06000000            mov edi, 6
  0f05                  syscall
  4c8d6d30              lea r13, [rbp + 48]
  4c8b7508              mov r14, [rbp + 8]
limit:  # sets each limit on itself: prlimit64(0, resource, limit, 0)
  4d85f6                test r14, r14
  7425                  jz helper
  b82e010000            mov eax, 302
  31ff                  xor edi, edi
  498b7500              mov rsi, [r13]
  498d5508              lea rdx, [r13 + 8]
  4531d2                xor r10d, r10d
  0f05                  syscall
  85c0                  test eax, eax
  0f85af010000          jnz fail
  4983c518              add r13, 24
  49ffce                dec r14
  ebd6                  jmp limit
helper:  # where the orders name a helper, runs it and awaits that it succeeds; what it left running is one process
  41bf01000000          mov r15d, 1
  4c8b7510              mov r14, [rbp + 16]
  4d85f6                test r14, r14
  7451                  jz start
  b838000000            mov eax, 56
  bf11410000            mov edi, 0x4111
  31f6                  xor esi, esi
  31d2                  xor edx, edx
  4531d2                xor r10d, r10d
  4531c0                xor r8d, r8d
  0f05                  syscall
  85c0                  test eax, eax
  0f8879010000          js fail
  0f8464010000          jz help
  4189c5                mov r13d, eax
await:
  b83d000000            mov eax, 61
  bfffffffff            mov edi, -1
  488d7310              lea rsi, [rbx + 16]
  31d2                  xor edx, edx
  4531d2                xor r10d, r10d
  0f05                  syscall
  4439e8                cmp eax, r13d
  75e6                  jne await
  837b1000              cmp dword ptr [rbx + 16], 0
  0f854c010000          jne fail
  41bf02000000          mov r15d, 2
start:  # starts the command: clone(CLONE_VM | CLONE_VFORK | SIGCHLD), so that a failed execve is seen in the shared memory
  b838000000            mov eax, 56
  bf11410000            mov edi, 0x4111
  31f6                  xor esi, esi
  31d2                  xor edx, edx
  4531d2                xor r10d, r10d
  4531c0                xor r8d, r8d
  0f05                  syscall
  85c0                  test eax, eax
  0f88d2000000          js unstarted
  0f84fb000000          jz command
  4189c5                mov r13d, eax
  8b4314                mov eax, [rbx + 20]
  85c0                  test eax, eax
  0f88be000000          js unstarted
wait:  # reaps every process until the command itself
  b83d000000            mov eax, 61
  bfffffffff            mov edi, -1
  488d7310              lea rsi, [rbx + 16]
  31d2                  xor edx, edx
  4531d2                xor r10d, r10d
  0f05                  syscall
  4439e8                cmp eax, r13d
  75e6                  jne wait
  c70301000000          mov dword ptr [rbx], 1
  8b4310                mov eax, [rbx + 16]
  894304                mov [rbx + 4], eax
drain:  # reaps what else has ended
  b83d000000            mov eax, 61
  bfffffffff            mov edi, -1
  488d7310              lea rsi, [rbx + 16]
  ba01000000            mov edx, 1
  4531d2                xor r10d, r10d
  0f05                  syscall
  85c0                  test eax, eax
  7fe4                  jg drain
  c743182f70726f        mov dword ptr [rbx + 24], 0x6f72702f
  c7431c63000000        mov dword ptr [rbx + 28], 0x63
  b801010000            mov eax, 257
  bf9cffffff            mov edi, -100
  488d7318              lea rsi, [rbx + 24]
  ba00000100            mov edx, 0x10000
  4531d2                xor r10d, r10d
  0f05                  syscall
  85c0                  test eax, eax
  0f88a4000000          js fail
  4189c6                mov r14d, eax
  41f7df                neg r15d
list:  # counts the processes that are left: numbers in /proc, without its own
  b8d9000000            mov eax, 217
  4489f7                mov edi, r14d
  488d7340              lea rsi, [rbx + 64]
  ba00800000            mov edx, 0x8000
  0f05                  syscall
  85c0                  test eax, eax
  0f8883000000          js fail
  7425                  jz counted
  488d7340              lea rsi, [rbx + 64]
  488d1406              lea rdx, [rsi + rax]
entry:
  0fb64e13              movzx ecx, byte ptr [rsi + 19]
  83e930                sub ecx, 0x30
  83f909                cmp ecx, 9
  7703                  ja next
  41ffc7                inc r15d
next:
  0fb74e10              movzx ecx, word ptr [rsi + 16]
  4801ce                add rsi, rcx
  4839d6                cmp rsi, rdx
  72e5                  jb entry
  ebbe                  jmp list
counted:
  44897b08              mov [rbx + 8], r15d
  eb12                  jmp tell
unstarted:  # says [2, errno, 0] where the command did not start
  f7d8                  neg eax
  c70302000000          mov dword ptr [rbx], 2
  894304                mov [rbx + 4], eax
  c7430800000000        mov dword ptr [rbx + 8], 0
tell:  # says [1, wait status, processes left]
  b801000000            mov eax, 1
  bf05000000            mov edi, 5
  4889de                mov rsi, rbx
  ba0c000000            mov edx, 12
  0f05                  syscall
  31ff                  xor edi, edi
exit:
  b8e7000000            mov eax, 231
  0f05                  syscall
command:  # in the child
  b83b000000            mov eax, 59
  488b7d18              mov rdi, [rbp + 24]
  488b7520              mov rsi, [rbp + 32]
  488b5528              mov rdx, [rbp + 40]
  0f05                  syscall
  894314                mov [rbx + 20], eax
  eb0f                  jmp fail
help:  # in the child that becomes the helper
  b83b000000            mov eax, 59
  498b3e                mov rdi, [r14]
  4c89f6                mov rsi, r14
  31d2                  xor edx, edx
  0f05                  syscall
fail:
  bf7d000000            mov edi, 125
  ebcb                  jmp exit
`
