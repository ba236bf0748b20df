// SPDX-License-Identifier: MIT
#include "calls.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/tamalloc.h>

int calls_total(struct memory_total *total)
{
	struct tamalloc_global_info info;

	if (syscall(__NR_tamalloc_total, &info))
		return -errno;
	total->vm_mb = info.aggregate_vm_mb;
	total->rss_mb = info.aggregate_rss_mb;
	return 0;
}

/* A name that cannot be read is empty: the figures are worth showing alone. */
static void read_command(pid_t pid, char *command, size_t size)
{
	char path[64];
	ssize_t length;
	int fd;

	command[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	length = read(fd, command, size - 1);
	close(fd);
	if (length <= 0)
		return;
	/* Only the last newline is the kernel's; others belong to the name. */
	if (command[length - 1] == '\n')
		length--;
	command[length] = '\0';
}

int calls_process(pid_t pid, struct process_memory *process)
{
	struct tamalloc_proc_info info;

	if (syscall(__NR_tamalloc_process, pid, &info))
		return -errno;
	process->pid = pid;
	process->vm_kb = info.vm_kb;
	process->rss_kb = info.rss_kb;
	process->rss_percent_of_vm = info.rss_percent_of_vm;
	process->oom_adjustment = info.oom_adjustment;
	read_command(pid, process->command, sizeof(process->command));
	return 0;
}

int calls_processes(struct process_memory **list, size_t *count)
{
	struct process_memory *found = NULL;
	size_t used = 0, room = 0;
	struct dirent *entry;
	int refused = 0;
	int err = 0;
	DIR *proc;

	/* /proc lists processes by rising pid. */
	proc = opendir("/proc");
	if (!proc)
		return -errno;
	while (errno = 0, (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (used == room) {
			size_t wanted = room ? room * 2 : 256;
			void *grown = reallocarray(found, wanted, sizeof(*found));

			if (!grown) {
				err = -ENOMEM;
				goto out;
			}
			found = grown;
			room = wanted;
		}
		switch (err = calls_process(atoi(entry->d_name), &found[used])) {
		case 0:
			used++;
			break;
		case -EPERM:
			refused = 1;
			break;
		case -ESRCH: /* gone since readdir */
		case -EINVAL: /* a kernel thread or a zombie */
			break;
		default:
			goto out;
		}
	}
	err = -errno;
	if (!err && !used)
		err = refused ? -EPERM : -ENOENT;
out:
	closedir(proc);
	if (err) {
		free(found);
		return err;
	}
	*list = found;
	*count = used;
	return 0;
}

int calls_reserve(size_t size, void **region)
{
	long address = syscall(__NR_tamalloc_reserve, size);

	if (address == -1)
		return -errno;
	*region = (void *)address;
	return 0;
}

int calls_release(void *region, size_t size)
{
	return munmap(region, size) ? -errno : 0;
}
