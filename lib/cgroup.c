// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#define _GNU_SOURCE
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "parse-oom.h"
#include "parse.h"

/* The path of a file in a directory; NULL: no memory. */
static char *join(const char *directory, const char *name)
{
	size_t length = strlen(directory);
	char *path = malloc(length + strlen(name) + 2);

	if (!path)
		return NULL;
	memcpy(path, directory, length);
	path[length] = '/';
	strcpy(path + length + 1, name);
	return path;
}

static bool has_file(const char *directory, const char *name)
{
	char *path = join(directory, name);
	bool has = path && !faccessat(AT_FDCWD, path, F_OK, 0);

	free(path);
	return has;
}

static ssize_t read_small(const char *directory, const char *name, char *text, size_t size)
{
	char *path = join(directory, name);
	ssize_t length = path ? read_path(AT_FDCWD, path, text, size) : -ENOMEM;

	free(path);
	return length;
}

/* The name below a mount's top, "" for the top itself; NULL: it is elsewhere. */
static const char *below(const char *name, const char *top, size_t length)
{
	if (length == 1 && *top == '/')
		return name;
	if (strncmp(name, top, length) || (name[length] && name[length] != '/'))
		return NULL;
	return name + length;
}

static char *take_escaped(const char *from, size_t length)
{
	char *text = malloc(length + 1);

	if (text)
		text[parse_escaped(from, length, text)] = '\0';
	return text;
}

/*
 * The directory below a mount's point which a name is of, if it exists. Names that
 * people write may have dots or too many slashes.
 */
static int look_below(const char *point, const char *rest, struct cgroup *cgroup)
{
	size_t top = strlen(point);
	char *written = join(point, rest);
	char *path = written ? realpath(written, NULL) : NULL;
	int err = path ? 0 : -errno;

	free(written);
	if (!err && (!below(path, point, top) || !has_file(path, "cgroup.procs")))
		err = -ENOENT;
	if (err) {
		free(path);
		return err;
	}
	free(cgroup->path);
	cgroup->path = path;
	cgroup->top = top;
	return 0;
}

static bool is_elsewhere(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ENAMETOOLONG || err == -ELOOP;
}

/* The more of the name is the mount's, the closer is its top. */
struct closest {
	size_t by_name, by_path;
};

static int try_mount(const struct cgroup_mount *mount, const char *name,
		     struct closest *closest, struct cgroup *cgroup)
{
	char *root = take_escaped(mount->root, mount->root_length);
	char *point = take_escaped(mount->point, mount->point_length);
	const char *rest;
	int err = -ENOENT;

	if (!root || !point) {
		err = -ENOMEM;
		goto out;
	}
	rest = below(name, root, strlen(root));
	if (rest && strlen(root) > closest->by_name) {
		err = look_below(point, rest, cgroup);
		if (!err)
			closest->by_name = strlen(root);
	}
	if (!err || !is_elsewhere(err) || closest->by_name)
		goto out;
	rest = below(name, point, strlen(point));
	if (rest && strlen(point) > closest->by_path) {
		err = look_below(point, rest, cgroup);
		if (!err)
			closest->by_path = strlen(point);
	}
out:
	free(root);
	free(point);
	return err;
}

/* The controller is in one hierarchy: version 1's wherever that is mounted. */
static int mounted_version(const char *mounts)
{
	struct cgroup_mount mount;
	int version = 0;

	while (version != 1 && (mounts = parse_cgroup_mount(mounts, &mount)))
		version = mount.version;
	return version;
}

int cgroup_find(const char *mounts, const char *name, struct cgroup *cgroup)
{
	struct closest closest = { 0 };
	struct cgroup_mount mount;

	*cgroup = (struct cgroup){ .version = mounted_version(mounts) };
	if (!cgroup->version)
		return -ENODATA;
	if (*name != '/')
		return -ENOENT;
	while ((mounts = parse_cgroup_mount(mounts, &mount))) {
		int err = -ENOENT;

		if (mount.version == cgroup->version)
			err = try_mount(&mount, name, &closest, cgroup);
		if (err && !is_elsewhere(err)) {
			free(cgroup->path);
			cgroup->path = NULL;
			return err;
		}
	}
	return cgroup->path ? 0 : -ENOENT;
}

bool cgroup_is_root(const struct cgroup *cgroup)
{
	/* One file that only the root has, one that it alone has not. */
	if (cgroup->version == 1)
		return has_file(cgroup->path, "release_agent");
	return !has_file(cgroup->path, "cgroup.events");
}

static int read_limit(const struct cgroup *cgroup, const char *name, uint64_t page,
		      uint64_t *pages)
{
	char text[64];
	ssize_t length = read_small(cgroup->path, name, text, sizeof(text));

	if (length < 0)
		return (int)length;
	return parse_limit(text, page, pages) ? 0 : -EIO;
}

/* The same where a file that is not there means that there is no limit. */
static int read_swap_limit(const struct cgroup *cgroup, const char *name, uint64_t page,
			   uint64_t *pages)
{
	int err = read_limit(cgroup, name, page, pages);

	if (err != -ENOENT)
		return err;
	*pages = PAGES_UNLIMITED(page);
	return 0;
}

static int read_swappiness(const struct cgroup *cgroup, uint64_t *swappiness)
{
	const char *digits;
	char text[64];
	ssize_t length;

	/* Version 2 has the machine's for all. */
	if (cgroup->version == 2)
		return 0;
	length = read_small(cgroup->path, "memory.swappiness", text, sizeof(text));
	if (length < 0)
		return length == -ENOENT ? 0 : (int)length;
	digits = text;
	return parse_number(&digits, swappiness) ? 0 : -EIO;
}

/* As the kernel's mem_cgroup_get_max(). */
int cgroup_limit(const struct cgroup *cgroup, const struct cgroup_machine *machine,
		 struct cgroup_limit *limit)
{
	uint64_t swappiness = machine->swappiness;
	uint64_t memory, swap;
	int err;

	if (cgroup->version == 2) {
		err = read_limit(cgroup, "memory.max", machine->page, &memory);
		if (!err)
			err = read_swap_limit(cgroup, "memory.swap.max", machine->page, &swap);
	} else {
		err = read_limit(cgroup, "memory.limit_in_bytes", machine->page, &memory);
		if (!err)
			err = read_swap_limit(cgroup, "memory.memsw.limit_in_bytes",
					      machine->page, &swap);
		/* That one is of both together, and set after the other. */
		if (!err)
			swap = swap > memory ? swap - memory : 0;
	}
	if (!err)
		err = read_swappiness(cgroup, &swappiness);
	if (err)
		return err == -ENOENT ? -ENODATA : err;
	limit->is_unlimited = memory == (uint64_t)PAGES_UNLIMITED(machine->page);
	limit->total = memory;
	if (swappiness && !limit->is_unlimited)
		limit->total += swap < machine->swap ? swap : machine->swap;
	/* oom_badness() must have something to divide. */
	if (!limit->total)
		limit->total = 1;
	return 0;
}

static int add_process(struct cgroup_processes *processes, pid_t pid)
{
	if (processes->count == processes->room) {
		size_t room = processes->room ? processes->room * 2 : 64;
		void *list = reallocarray(processes->list, room, sizeof(*processes->list));

		if (!list)
			return -ENOMEM;
		processes->list = list;
		processes->room = room;
	}
	processes->list[processes->count].pid = pid;
	processes->list[processes->count++].place = processes->places;
	return 0;
}

static int add_own(const char *directory, int version, struct cgroup_processes *processes)
{
	char *path = join(directory, "cgroup.procs");
	char *text = NULL;
	const char *line;
	ssize_t length;
	uint64_t pid;
	int err = 0;

	if (!path)
		return -ENOMEM;
	length = read_whole(AT_FDCWD, path, &text);
	free(path);
	/* The processes of threaded cgroups are in the list of the one above. */
	if (length == -EOPNOTSUPP)
		return 0;
	if (length < 0)
		return length == -ENODEV ? -ENOENT : (int)length;
	for (line = text; !err && *line; line += *line == '\n') {
		if (!parse_number(&line, &pid) || (*line && *line != '\n') || pid > INT32_MAX) {
			err = -EIO;
			break;
		}
		/* 0 is one of another pid namespace. */
		if (pid)
			err = add_process(processes, (pid_t)pid);
		processes->places += version == 2;
	}
	processes->places += version == 1;
	free(text);
	return err;
}

struct child {
	uint64_t inode;
	char *name;
};

struct children {
	struct child *list;
	size_t count, room;
};

static void free_children(struct children *children)
{
	for (size_t i = 0; i < children->count; i++)
		free(children->list[i].name);
	free(children->list);
}

static int add_child(struct children *children, const struct dirent *entry)
{
	struct child *child;

	if (children->count == children->room) {
		size_t room = children->room ? children->room * 2 : 16;
		void *list = reallocarray(children->list, room, sizeof(*children->list));

		if (!list)
			return -ENOMEM;
		children->list = list;
		children->room = room;
	}
	child = &children->list[children->count];
	child->inode = entry->d_ino;
	child->name = strdup(entry->d_name);
	if (!child->name)
		return -ENOMEM;
	children->count++;
	return 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct child *left = a, *right = b;

	return (left->inode > right->inode) - (left->inode < right->inode);
}

/* By their age: kernfs numbers what is made in it one after the other. */
static int read_children(const char *path, struct children *children)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	int err = 0;

	if (!directory)
		return -errno;
	while (!err && (errno = 0, entry = readdir(directory)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			err = add_child(children, entry);
	if (!err)
		err = -errno;
	closedir(directory);
	if (children->count)
		qsort(children->list, children->count, sizeof(*children->list), by_inode);
	return err;
}

static int add_all(const char *path, int version, struct cgroup_processes *processes)
{
	struct children children = { 0 };
	int err = add_own(path, version, processes);

	if (!err)
		err = read_children(path, &children);
	for (size_t i = 0; !err && i < children.count; i++) {
		char *below = join(path, children.list[i].name);

		err = below ? add_all(below, version, processes) : -ENOMEM;
		free(below);
		/* It has been removed meanwhile. */
		if (err == -ENOENT)
			err = 0;
	}
	free_children(&children);
	return err;
}

int cgroup_processes(const struct cgroup *cgroup, struct cgroup_processes *processes)
{
	*processes = (struct cgroup_processes){ 0 };
	return add_all(cgroup->path, cgroup->version, processes);
}

/* 1: memory.oom.group is set; 0: it is not, or there is no such file. */
static int is_group(const char *path)
{
	char text[8];
	ssize_t length = read_small(path, "memory.oom.group", text, sizeof(text));

	if (length < 0)
		return absent_or_error(length);
	return *text == '1';
}

/* Goes up from path, which is cut on the way; found is the length of the highest. */
static int climb(char *path, size_t lowest, size_t *found)
{
	size_t length = strlen(path);

	*found = 0;
	for (;;) {
		int result = is_group(path);

		if (result < 0)
			return result;
		if (result)
			*found = length;
		if (length == lowest)
			return 0;
		while (path[--length] != '/')
			;
		path[length] = '\0';
	}
}

int cgroup_find_group(struct cgroup *cgroup, const char *domain)
{
	size_t lowest = domain ? strlen(domain) : cgroup->top;
	size_t found;
	char *path;
	int err;

	if (cgroup->version != 2 || (domain && !below(cgroup->path, domain, lowest)))
		return 0;
	path = strdup(cgroup->path);
	if (!path)
		return -ENOMEM;
	err = climb(path, lowest, &found);
	free(path);
	if (err || !found)
		return err;
	cgroup->path[found] = '\0';
	return 1;
}
