// SPDX-License-Identifier: MIT
/* What each system call costs by itself, beside what it stands for. */
#include <fcntl.h>
#include <linux/tamalloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../lib/prctl.h"
#include "counter.h"

#define REPETITIONS	200
#define SIZE		(1UL << 20)

static long call_getppid(void)
{
	return syscall(SYS_getppid);
}

static long call_mmap(void)
{
	return syscall(SYS_mmap, NULL, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static long call_mmap_and_name(void)
{
	long address = call_mmap();

	/* EINVAL: the kernel knows no names. */
	if (syscall(SYS_prctl, SET_VMA, SET_VMA_ANON_NAME, address, SIZE,
		    "tamalloc") && errno != EINVAL)
		die("prctl");
	return address;
}

static long call_reserve(void)
{
	return syscall(__NR_tamalloc_reserve, SIZE);
}

static void unmap(long address)
{
	if (munmap((void *)address, SIZE))
		die("munmap");
}

static struct tamalloc_proc_info process;
static pid_t other;

static long call_process(void)
{
	return syscall(__NR_tamalloc_process, other, &process);
}

/* The same of one process, as a reader of /proc gets it. */
static long read_proc(void)
{
	static const char *const files[] = { "statm", "oom_score_adj" };
	char path[64], text[256];

	for (int i = 0; i < 2; i++) {
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/%s", other, files[i]);
		fd = open(path, O_RDONLY);
		if (fd < 0 || read(fd, text, sizeof(text)) <= 0)
			return -1;
		close(fd);
	}
	return 0;
}

static void start_another(void)
{
	other = fork();
	if (other < 0)
		die("fork");
	if (!other) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	/* Let it reach pause(). */
	usleep(100000);
}

static void measure(const char *what, long (*f)(void), void (*undo)(long))
{
	printf("%s %lu\n", what, least(f, undo, REPETITIONS));
}

int main(void)
{
	start_another();
	measure("getppid", call_getppid, NULL);
	measure("mmap", call_mmap, unmap);
	measure("mmap-and-name", call_mmap_and_name, unmap);
	measure("552", call_reserve, unmap);
	measure("551", call_process, NULL);
	measure("statm+oom_score_adj", read_proc, NULL);
	return 0;
}
