// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "diagnosis.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <tamalloc.h>

#include "intl.h"

static void set_message(struct diagnosis *diagnosis, enum verdict verdict,
			const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * A finding is begun with its name, then gets a value, if it has one, and a
 * verdict with its message.
 */
static void begin(struct diagnosis *diagnosis, const char *name)
{
	diagnosis->findings[diagnosis->count++].name = name;
}

static struct finding *current(struct diagnosis *diagnosis)
{
	return &diagnosis->findings[diagnosis->count - 1];
}

static void set_text(struct diagnosis *diagnosis, const char *text)
{
	current(diagnosis)->text = strdup(text);
	if (!current(diagnosis)->text)
		diagnosis->is_short = true;
}

static void set_number(struct diagnosis *diagnosis, uint64_t number)
{
	current(diagnosis)->is_number = true;
	current(diagnosis)->number = number;
}

static void set_message(struct diagnosis *diagnosis, enum verdict verdict,
			const char *format, ...)
{
	struct finding *finding = current(diagnosis);
	va_list args;

	va_start(args, format);
	if (vasprintf(&finding->message, format, args) < 0) {
		finding->message = NULL;
		diagnosis->is_short = true;
	}
	va_end(args);
	finding->verdict = verdict;
	if (verdict == VERDICT_FAIL)
		diagnosis->works = false;
}

static void look_at_kernel(struct diagnosis *diagnosis)
{
	struct utsname kernel;

	begin(diagnosis, "kernel");
	uname(&kernel);
	set_text(diagnosis, kernel.release);
	set_message(diagnosis, VERDICT_OK, "%s %s %s", kernel.sysname, kernel.release,
		    kernel.machine);
	begin(diagnosis, "library");
	set_text(diagnosis, tamalloc_version());
	set_message(diagnosis, VERDICT_OK, "libtamalloc %s", tamalloc_version());
}

/* Returns what tamalloc_probe() does. */
static int look_at_call(struct diagnosis *diagnosis, const char *name, int number,
			const char *call)
{
	int err = tamalloc_probe(number);

	begin(diagnosis, name);
	switch (err) {
	case 0:
		set_text(diagnosis, "yes");
		set_message(diagnosis, VERDICT_OK, _("%s answers"), call);
		return 0;
	case -ENOSYS:
		set_text(diagnosis, "ENOSYS");
		set_message(diagnosis, VERDICT_NOTE, _("%s is not in this kernel (ENOSYS)"),
			    call);
		break;
	case -EPERM:
		set_text(diagnosis, "EPERM");
		set_message(diagnosis, VERDICT_NOTE,
			    _("%s is refused (EPERM) by a seccomp filter"), call);
		break;
	default:
		set_message(diagnosis, VERDICT_NOTE, _("%s fails: %s"), call, strerror(-err));
		break;
	}
	diagnosis->lacks_calls = true;
	return err;
}

/* What the calls have said to tamalloc_probe(). */
struct calls {
	int process, snapshot;
};

static struct calls look_at_calls(struct diagnosis *diagnosis)
{
	struct calls calls;

	look_at_call(diagnosis, "call_550", 550, "tamalloc_total");
	calls.process = look_at_call(diagnosis, "call_551", 551, "tamalloc_process");
	look_at_call(diagnosis, "call_552", 552, "tamalloc_reserve");
	calls.snapshot = look_at_call(diagnosis, "call_553", 553, "tamalloc_snapshot");
	return calls;
}

/* Whether one call tells of all processes, and /proc of none. */
static bool has_snapshot(struct calls calls)
{
	return !calls.snapshot && tamalloc_get_backend() == TAMALLOC_SYSCALL;
}

/* probe: what tamalloc_probe(551) has said. */
static void look_at_backend(struct diagnosis *diagnosis, int probe)
{
	enum tamalloc_backend backend = tamalloc_get_backend();
	const char *name = tamalloc_backend_name(backend);
	const char *wish = getenv("TAMALLOC_BACKEND");
	bool is_known = wish && (!strcmp(wish, "syscall") || !strcmp(wish, "proc"));

	begin(diagnosis, "backend");
	set_text(diagnosis, name);
	if (wish && *wish && !is_known)
		set_message(diagnosis, VERDICT_NOTE,
			    _("%s: TAMALLOC_BACKEND is ignored: not syscall or proc"), name);
	else if (is_known && backend == TAMALLOC_SYSCALL && probe)
		set_message(diagnosis, VERDICT_FAIL,
			    _("%s: forced by TAMALLOC_BACKEND, but the call fails"), name);
	else if (is_known)
		set_message(diagnosis, VERDICT_OK, _("%s: forced by TAMALLOC_BACKEND"), name);
	else if (backend == TAMALLOC_SYSCALL)
		set_message(diagnosis, VERDICT_OK, _("%s: the kernel has the calls"), name);
	else if (probe == -ENOSYS)
		set_message(diagnosis, VERDICT_OK,
			    _("%s: the kernel does not have the calls"), name);
	else
		set_message(diagnosis, VERDICT_OK, _("%s: the calls are refused"), name);
}

static const char *explain(int err)
{
	return err == -ENOENT ? _("/proc is not there: is it mounted?") : strerror(-err);
}

/* The same for what a process may always know: its own memory. */
static const char *explain_own(int err)
{
	if (err == -ESRCH || err == -EACCES)
		return _("/proc is that of another pid namespace");
	return explain(err);
}

static void try_process(struct diagnosis *diagnosis)
{
	struct tamalloc_process self;
	int err;

	begin(diagnosis, "process");
	err = tamalloc_process(getpid(), TAMALLOC_RESERVED | TAMALLOC_COMMITTED, &self,
			       sizeof(self));
	if (err)
		set_message(diagnosis, VERDICT_FAIL, _("own memory: %s"), explain_own(err));
	else
		set_message(diagnosis, VERDICT_OK,
			    _("own memory: %ju KB reserved, %ju KB committed"),
			    (uintmax_t)self.reserved / 1024, (uintmax_t)self.committed / 1024);
}

static void try_processes(struct diagnosis *diagnosis, size_t *count)
{
	struct tamalloc_iterator *iterator = NULL;
	struct tamalloc_process process;
	int err;

	*count = 0;
	begin(diagnosis, "processes");
	err = tamalloc_iterator_open(&iterator, TAMALLOC_RESERVED, 0);
	while (!err) {
		err = tamalloc_iterator_next(iterator, &process, sizeof(process));
		if (err <= 0)
			break;
		++*count;
		err = 0;
	}
	tamalloc_iterator_close(iterator);
	/* The caller at least has to be there. */
	if (!err && !*count)
		err = -ENOENT;
	if (err) {
		set_message(diagnosis, VERDICT_FAIL, _("list of processes: %s"), explain(err));
		return;
	}
	set_number(diagnosis, *count);
	set_message(diagnosis, VERDICT_OK,
		    ngettext("%zu process with memory is in sight",
			     "%zu processes with memory are in sight", *count), *count);
}

static void try_total(struct diagnosis *diagnosis)
{
	struct tamalloc_total total;
	int err = tamalloc_total(TAMALLOC_TOTAL_PROCESSES, &total, sizeof(total));

	begin(diagnosis, "total");
	if (err)
		set_message(diagnosis, VERDICT_FAIL, _("all processes: %s"), explain(err));
	else if (total.doubtful)
		set_message(diagnosis, VERDICT_NOTE,
			    ngettext("%ju address space may be counted more than once",
				     "%ju address spaces may be counted more than once",
				     total.doubtful), (uintmax_t)total.doubtful);
	else
		set_message(diagnosis, VERDICT_OK,
			    _("all processes: %ju MiB reserved, %ju MiB committed"),
			    (uintmax_t)total.reserved >> 20, (uintmax_t)total.committed >> 20);
}

/* Finds the region at address among our own, or any where that is NULL. */
static int find_region(const void *address, size_t *count, struct tamalloc_region *found)
{
	struct tamalloc_regions *regions;
	struct tamalloc_region region;
	int err = tamalloc_regions_open(&regions, getpid());

	*count = 0;
	*found = (struct tamalloc_region){ 0 };
	if (err)
		return err;
	while ((err = tamalloc_regions_next(regions, &region, sizeof(region))) > 0) {
		++*count;
		if (!address || (region.start <= (uintptr_t)address &&
				 (uintptr_t)address - region.start < region.reserved))
			*found = region;
	}
	tamalloc_regions_close(regions);
	return err;
}

static void try_regions(struct diagnosis *diagnosis)
{
	struct tamalloc_region found = { 0 };
	void *address = tamalloc_reserve(1);
	size_t count;
	int err;

	begin(diagnosis, "reserve");
	if (address)
		set_message(diagnosis, VERDICT_OK, _("a page was reserved"));
	else
		set_message(diagnosis, VERDICT_FAIL, _("reserving a page: %s"),
			    strerror(errno));
	begin(diagnosis, "regions");
	err = find_region(address, &count, &found);
	/* What was just reserved is among them, or they are another's. */
	if (!err && address && !found.reserved)
		err = -ESRCH;
	if (err) {
		set_message(diagnosis, VERDICT_FAIL, _("own regions: %s"), explain_own(err));
		goto out;
	}
	set_number(diagnosis, count);
	if (!(found.fields & TAMALLOC_REGION_MEMORY))
		set_message(diagnosis, VERDICT_NOTE,
			    _("the kernel has no smaps: no committed memory by region"));
	else if (address && !found.is_tamalloc)
		set_message(diagnosis, VERDICT_NOTE,
			    _("the kernel has no names for memory: no region is marked"));
	else
		set_message(diagnosis, VERDICT_OK,
			    ngettext("%zu region of this process",
				     "%zu regions of this process", count), count);
out:
	if (address)
		tamalloc_release(address, 1);
}

/* The value of vm.tamalloc_restrict with which the calls go by hidepid. */
#define RESTRICTED_AS_PROC	2

static void look_at_restrict(struct diagnosis *diagnosis, const struct tamalloc_system *system)
{
	begin(diagnosis, "restrict");
	if (!(system->fields & TAMALLOC_SYSTEM_RESTRICT)) {
		set_message(diagnosis, VERDICT_OK,
			    _("vm.tamalloc_restrict is not in this kernel"));
		return;
	}
	set_number(diagnosis, system->restricted);
	if (system->restricted == RESTRICTED_AS_PROC)
		set_message(diagnosis, VERDICT_OK,
			    _("vm.tamalloc_restrict is 2: as /proc shows them to the caller"));
	else if (system->restricted)
		set_message(diagnosis, VERDICT_NOTE,
			    _("vm.tamalloc_restrict: others' processes only with privilege"));
	else
		set_message(diagnosis, VERDICT_OK,
			    _("vm.tamalloc_restrict is 0: anyone may ask about any process"));
}

static void look_at_hidepid(struct diagnosis *diagnosis, const struct tamalloc_system *system,
			    struct calls calls)
{
	begin(diagnosis, "hidepid");
	if (!(system->fields & TAMALLOC_SYSTEM_HIDEPID)) {
		set_message(diagnosis, VERDICT_NOTE, _("how /proc is mounted is not known"));
		return;
	}
	set_number(diagnosis, system->hidepid);
	if (system->hidepid && has_snapshot(calls) && !system->restricted)
		set_message(diagnosis, VERDICT_NOTE,
			    _("/proc hides others' processes, the system calls do not"));
	else if (system->hidepid)
		set_message(diagnosis, VERDICT_NOTE,
			    _("/proc hides others' processes from all but the privileged"));
	else
		set_message(diagnosis, VERDICT_OK, _("/proc shows the processes of all users"));
}

static void look_at_namespace(struct diagnosis *diagnosis,
			      const struct tamalloc_system *system)
{
	begin(diagnosis, "namespace");
	if (!(system->fields & TAMALLOC_SYSTEM_NAMESPACE)) {
		set_message(diagnosis, VERDICT_NOTE, _("the pid namespace is not known"));
		return;
	}
	set_number(diagnosis, system->in_namespace);
	if (system->in_namespace)
		set_message(diagnosis, VERDICT_NOTE,
			    _("in a pid namespace: processes outside are not seen"));
	else
		set_message(diagnosis, VERDICT_OK,
			    _("the first pid namespace: all processes are in it"));
}

static void look_at_seccomp(struct diagnosis *diagnosis, const struct tamalloc_system *system)
{
	begin(diagnosis, "seccomp");
	if (!(system->fields & TAMALLOC_SYSTEM_SECCOMP)) {
		set_message(diagnosis, VERDICT_OK, _("/proc tells of no seccomp filter"));
		return;
	}
	set_number(diagnosis, system->seccomp);
	if (system->seccomp)
		set_message(diagnosis, VERDICT_NOTE,
			    _("a filter decides which system calls are allowed"));
	else
		set_message(diagnosis, VERDICT_OK, _("no filter on system calls"));
}

/* What the system calls tell is exact either way. */
static void look_at_statm(struct diagnosis *diagnosis, const struct tamalloc_system *system)
{
	begin(diagnosis, "statm");
	if (!(system->fields & TAMALLOC_SYSTEM_STATM)) {
		set_message(diagnosis, VERDICT_NOTE,
			    _("how exact committed memory is in /proc is not known"));
		return;
	}
	set_number(diagnosis, system->statm_is_exact);
	if (system->statm_is_exact)
		set_message(diagnosis, VERDICT_OK, _("/proc tells committed memory to the page"));
	else if (tamalloc_get_backend() == TAMALLOC_SYSCALL)
		set_message(diagnosis, VERDICT_OK,
			    _("/proc tells committed memory roughly, the system calls do not"));
	else
		set_message(diagnosis, VERDICT_NOTE,
			    _("committed memory is rough: 32 pages a CPU or 64 a thread"));
}

static void look_at_kcmp(struct diagnosis *diagnosis, const struct tamalloc_system *system)
{
	begin(diagnosis, "kcmp");
	set_number(diagnosis, system->has_kcmp);
	if (system->has_kcmp)
		set_message(diagnosis, VERDICT_OK,
			    _("address spaces of own processes can be compared"));
	else if (tamalloc_get_backend() == TAMALLOC_SYSCALL)
		set_message(diagnosis, VERDICT_OK,
			    _("no kcmp, and no need: the system call knows what is shared"));
	else
		set_message(diagnosis, VERDICT_NOTE,
			    _("no kcmp: shared address spaces are counted more than once"));
}

/* By /proc, a live view keeps half of them open, at least one for each process. */
static void look_at_open_files(struct diagnosis *diagnosis,
			       const struct tamalloc_system *system, struct calls calls,
			       size_t processes)
{
	begin(diagnosis, "open_files");
	set_number(diagnosis, system->open_files);
	if (has_snapshot(calls))
		set_message(diagnosis, VERDICT_OK,
			    _("%ju (ulimit -n): tam top keeps no files open"),
			    (uintmax_t)system->open_files);
	else if (system->open_files / 2 < processes)
		set_message(diagnosis, VERDICT_NOTE,
			    _("%ju (ulimit -n): tam top is faster with more than that"),
			    (uintmax_t)system->open_files);
	else
		set_message(diagnosis, VERDICT_OK,
			    _("%ju (ulimit -n): enough for tam top to keep files open"),
			    (uintmax_t)system->open_files);
}

void diagnosis_make(struct diagnosis *diagnosis)
{
	struct tamalloc_system system = { 0 };
	struct calls calls;
	size_t processes;
	int err;

	*diagnosis = (struct diagnosis){ .works = true };
	look_at_kernel(diagnosis);
	calls = look_at_calls(diagnosis);
	look_at_backend(diagnosis, calls.process);
	try_process(diagnosis);
	try_processes(diagnosis, &processes);
	try_total(diagnosis);
	try_regions(diagnosis);

	err = tamalloc_system(&system, sizeof(system));
	if (err) {
		begin(diagnosis, "limits");
		set_message(diagnosis, VERDICT_FAIL, _("what limits the answers: %s"),
			    explain(err));
		return;
	}
	look_at_restrict(diagnosis, &system);
	look_at_hidepid(diagnosis, &system, calls);
	look_at_namespace(diagnosis, &system);
	look_at_seccomp(diagnosis, &system);
	look_at_statm(diagnosis, &system);
	look_at_kcmp(diagnosis, &system);
	look_at_open_files(diagnosis, &system, calls, processes);
}

void diagnosis_free(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->count; i++) {
		free(diagnosis->findings[i].text);
		free(diagnosis->findings[i].message);
	}
	diagnosis->count = 0;
}
