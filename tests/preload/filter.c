// SPDX-License-Identifier: MIT
/*
 * A filter of system calls that kills for each call which malloc(3) of the C library does not
 * make: set up by prctl(2), seccomp(2) or both of them by syscall(2), before the first block or
 * when the allocator has begun; or by who starts the program, and then the loader's calls pass.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define ALL 400

/* malloc(3), and the end of the program. */
static const int of_malloc[] = {
	SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_futex,
	SYS_getrandom, SYS_write, SYS_exit_group,
};

/* Besides, what it takes to start one. */
static const int of_loader[] = {
	SYS_execve, SYS_openat, SYS_read, SYS_pread64, SYS_close, SYS_fstat, SYS_newfstatat,
	SYS_access, SYS_arch_prctl, SYS_set_tid_address, SYS_set_robust_list, SYS_rseq,
	SYS_prlimit64,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sock_filter filter[ALL];
static unsigned short length;

static void add(unsigned short code, unsigned int value, unsigned char jump)
{
	filter[length++] = (struct sock_filter){ code, jump, 0, value };
}

static void allow(const int *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		filter[length++] = (struct sock_filter)
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)calls[i], 0, 1);
		add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0);
	}
}

static void set_filter(const char *way, int is_inherited)
{
	struct sock_fprog program = { .filter = filter };
	long result;

	add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0);
	allow(of_malloc, COUNT(of_malloc));
	if (is_inherited)
		allow(of_loader, COUNT(of_loader));
	add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0);
	program.len = length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		exit(2);
	if (!strcmp(way, "seccomp"))
		result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	else if (!strcmp(way, "syscall"))
		result = syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	else
		result = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	if (result)
		exit(3);
}

static void end(const char *word, int status)
{
	if (write(STDOUT_FILENO, word, strlen(word)) < 0)
		status = 1;
	_exit(status);
}

static void need_zero(const char *block, size_t size)
{
	for (size_t at = 0; at < size; at += 512)
		if (block[at])
			end("not zero\n", 1);
}

static void use(void)
{
	static const size_t sizes[] = { 100, 300000, MIB, 5 * MIB, 40 * MIB };
	char *blocks[COUNT(sizes)];

	for (int round = 0; round < 40; round++) {
		for (size_t i = 0; i < COUNT(sizes); i++) {
			blocks[i] = calloc(1, sizes[i]);
			if (!blocks[i])
				end("no memory\n", 1);
			need_zero(blocks[i], sizes[i]);
			for (size_t at = 0; at < sizes[i]; at += round % 3 ? 4096 : 40960)
				blocks[i][at] = 1;
		}
		for (size_t i = 0; i < COUNT(sizes); i++) {
			blocks[i] = realloc(blocks[i], sizes[i] * 3 / 2);
			if (!blocks[i])
				end("no memory\n", 1);
		}
		for (size_t i = 0; i < COUNT(sizes); i++)
			free(blocks[i]);
	}
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "prctl";

	if (!strcmp(way, "inherited")) {
		set_filter("prctl", 1);
		execl("/proc/self/exe", argv[0], "started", NULL);
		return 4;
	}
	if (strcmp(way, "started")) {
		if (argc > 2)
			use();
		/* One that the kernel refuses changes nothing. */
		if (!prctl(PR_SET_SECCOMP, 12345, 0, 0, 0))
			return 5;
		set_filter(way, 0);
	}
	use();
	end("well\n", 0);
}
