// SPDX-License-Identifier: MIT
/*
 * Process 1 of the virtual machine: sets the guest up, runs one command,
 * looks for leaked kernel memory, gives the verdict and switches off.
 *
 * The host reads four channels. Three are virtio ports, found by name: stdout
 * and stderr carry the command's output and nothing else; verdict carries one
 * line, written last. Without a verdict the run has failed, whatever happened
 * before. The fourth is the console, a serial port: the kernel's log.
 *
 * /vm/argv holds the command, /vm/env its environment, strings that end with
 * NUL. Without /vm/argv a shell runs on the terminal hvc0, of the size that
 * /vm/size holds.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
/* kmemleak does not report an object younger than five seconds. */
#define KMEMLEAK_AGE 6
#define PORT_TRIES 3000
#define PORT_PAUSE_US 10000

/* Without a verdict the host fails the run and shows the console. */
__attribute__((noreturn, format(printf, 1, 2)))
static void give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("vm: init: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static void mount_one(const char *type, const char *where, const char *options)
{
	if (mkdir(where, 0755) && errno != EEXIST)
		give_up("mkdir %s: %m", where);
	if (mount(type, where, type, 0, options))
		give_up("mount %s on %s: %m", type, where);
}

static void mount_all(void)
{
	mount_one("devtmpfs", "/dev", "mode=0755");
	mount_one("devpts", "/dev/pts", "mode=0620,ptmxmode=0666");
	mount_one("tmpfs", "/dev/shm", "mode=1777");
	mount_one("proc", "/proc", NULL);
	mount_one("sysfs", "/sys", NULL);
	mount_one("debugfs", "/sys/kernel/debug", NULL);
	mount_one("cgroup2", "/sys/fs/cgroup", NULL);
	mount_one("tmpfs", "/tmp", "mode=1777");
	if (symlink("/proc/self/fd", "/dev/fd") ||
	    symlink("/proc/self/fd/0", "/dev/stdin") ||
	    symlink("/proc/self/fd/1", "/dev/stdout") ||
	    symlink("/proc/self/fd/2", "/dev/stderr"))
		give_up("links in /dev: %m");
}

/* The messages of this program go where the kernel's go. */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);
	int to;

	if (fd < 0)
		give_up("/dev/console: %m");
	for (to = 0; to <= 2; to++) {
		if (dup2(fd, to) < 0)
			give_up("dup2: %m");
	}
	if (fd > 2)
		close(fd);
}

static bool port_has_name(const char *port, const char *name)
{
	char path[300], line[64];
	bool same = false;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", port);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		same = !strcmp(line, name);
	}
	fclose(file);
	return same;
}

static bool find_port(const char *name, char *path, size_t size)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *entry;

	if (!dir)
		give_up("no virtio ports: %m");
	while ((entry = readdir(dir))) {
		if (port_has_name(entry->d_name, name)) {
			snprintf(path, size, "/dev/%s", entry->d_name);
			break;
		}
	}
	closedir(dir);
	return entry;
}

/* The driver learns of its ports one by one, while this program runs. */
static int open_port(const char *name)
{
	char path[300];
	int fd, tries;

	for (tries = 0; !find_port(name, path, sizeof(path)); tries++) {
		if (tries == PORT_TRIES)
			give_up("no virtio port has the name %s", name);
		usleep(PORT_PAUSE_US);
	}
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		give_up("%s: %m", path);
	return fd;
}

/*
 * Splits a file of strings into an array that ends with NULL, NULL if there
 * is no such file.
 */
static char **read_strings(const char *path)
{
	size_t size = 0, count = 0, used;
	char **strings, *text = NULL, *string;
	FILE *file = fopen(path, "re");

	if (!file) {
		if (errno == ENOENT)
			return NULL;
		give_up("%s: %m", path);
	}
	while (getdelim(&text, &size, '\0', file) >= 0)
		count++;
	free(text);
	rewind(file);
	strings = calloc(count + 1, sizeof(*strings));
	if (!strings)
		give_up("%s: %m", path);
	for (used = 0; used < count; used++) {
		string = NULL;
		size = 0;
		if (getdelim(&string, &size, '\0', file) < 0)
			give_up("%s: %m", path);
		strings[used] = string;
	}
	fclose(file);
	return strings;
}

static void write_all(int fd, const char *data, size_t size)
{
	ssize_t done;

	while (size) {
		done = write(fd, data, size);
		if (done < 0 && errno != EINTR)
			give_up("write to the host: %m");
		if (done > 0) {
			data += done;
			size -= done;
		}
	}
}

/* Moves what is there from a pipe to a port; false at the end of the pipe. */
static bool forward(int from, int to)
{
	static char buffer[65536];
	ssize_t got = read(from, buffer, sizeof(buffer));

	if (got < 0 && errno != EINTR)
		give_up("read from the command: %m");
	if (got > 0)
		write_all(to, buffer, got);
	return got != 0;
}

static int exit_status(int status)
{
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* Buries the dead; true when the command is among them. */
static bool reap(pid_t command, int *status)
{
	bool found = false;
	int how;
	pid_t pid;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (pid == command) {
			*status = exit_status(how);
			found = true;
		}
	}
	return found;
}

/* With every process dead, nobody holds a pipe, a terminal or memory. */
static void kill_all(void)
{
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

__attribute__((noreturn))
static void execute(char **argv, char **env)
{
	sigset_t none;
	int error;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	environ = env;
	if (chdir("/root"))
		give_up("/root: %m");
	execvp(argv[0], argv);
	error = errno;
	dprintf(STDERR_FILENO, "vm: %s: %s\n", argv[0], strerror(error));
	_exit(error == ENOENT ? 127 : 126);
}

/*
 * The command writes into pipes, as it would in a pipeline: what asks for a
 * terminal finds none, and /dev/stdout can be opened again.
 */
static int run_command(char **argv, char **env)
{
	int out[2], err[2], ports[2], events, status = 0;
	bool dead = false;
	struct pollfd polls[3];
	sigset_t child;
	pid_t pid;
	int i;

	ports[0] = open_port("stdout");
	ports[1] = open_port("stderr");
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	events = signalfd(-1, &child, SFD_CLOEXEC);
	if (events < 0 || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		give_up("pipes: %m");
	pid = fork();
	if (pid < 0)
		give_up("fork: %m");
	if (!pid) {
		setsid();
		if (dup2(open("/dev/null", O_RDWR), 0) < 0 ||
		    dup2(out[1], 1) < 0 || dup2(err[1], 2) < 0)
			_exit(126);
		execute(argv, env);
	}
	close(out[1]);
	close(err[1]);

	polls[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	polls[2] = (struct pollfd){ .fd = events, .events = POLLIN };
	while (!dead || polls[0].fd >= 0 || polls[1].fd >= 0) {
		struct signalfd_siginfo info;

		if (poll(polls, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			give_up("poll: %m");
		}
		for (i = 0; i < 2; i++) {
			if (polls[i].revents && !forward(polls[i].fd, ports[i]))
				polls[i].fd = -1;
		}
		if (polls[2].revents &&
		    read(events, &info, sizeof(info)) == sizeof(info) &&
		    reap(pid, &status)) {
			kill_all();
			dead = true;
		}
	}
	return status;
}

static void set_size(int terminal)
{
	struct winsize size = { 0 };
	FILE *file = fopen("/vm/size", "re");

	if (!file)
		return;
	if (fscanf(file, "%hu %hu", &size.ws_row, &size.ws_col) == 2)
		ioctl(terminal, TIOCSWINSZ, &size);
	fclose(file);
}

static int run_shell(char **env)
{
	static char *argv[] = { "-sh", NULL };
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork: %m");
	if (!pid) {
		int fd;

		setsid();
		fd = open("/dev/hvc0", O_RDWR);
		if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) || dup2(fd, 0) < 0 ||
		    dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			give_up("/dev/hvc0: %m");
		if (fd > 2)
			close(fd);
		set_size(0);
		environ = env;
		if (chdir("/root"))
			give_up("/root: %m");
		execv("/bin/sh", argv);
		give_up("/bin/sh: %m");
	}
	while (!reap(pid, &status))
		pause();
	kill_all();
	return status;
}

static void wake(int signal)
{
	(void)signal;
}

static void tell_kmemleak(const char *what)
{
	int fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, what, strlen(what)) < 0)
		give_up("%s: %m", KMEMLEAK);
	close(fd);
}

/*
 * Prints what leaked to the console. One scan is not enough: an object is
 * only reported when it has not changed between two.
 */
static bool leaked(void)
{
	char buffer[4096];
	bool any = false;
	ssize_t got;
	int fd;

	if (access(KMEMLEAK, F_OK))
		return false;
	sync();
	tell_kmemleak("scan");
	sleep(KMEMLEAK_AGE);
	tell_kmemleak("scan");
	fd = open(KMEMLEAK, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		give_up("%s: %m", KMEMLEAK);
	while ((got = read(fd, buffer, sizeof(buffer))) > 0) {
		any = true;
		write_all(STDERR_FILENO, buffer, got);
	}
	close(fd);
	return any;
}

int main(void)
{
	char **argv, **env;
	char verdict[32];
	int status, port;

	signal(SIGCHLD, wake);
	mount_all();
	open_console();
	env = read_strings("/vm/env");
	if (!env)
		give_up("/vm/env is missing");
	port = open_port("verdict");
	argv = read_strings("/vm/argv");
	status = argv ? run_command(argv, env) : run_shell(env);
	if (leaked())
		snprintf(verdict, sizeof(verdict), "leak\n");
	else
		snprintf(verdict, sizeof(verdict), "exit %d\n", status);
	write_all(port, verdict, strlen(verdict));
	reboot(RB_AUTOBOOT);
	give_up("reboot: %m");
}
