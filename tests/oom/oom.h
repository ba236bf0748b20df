/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out for real, in the virtual machine, and the kernel's choice is
 * compared with what tam oom has foretold.
 *
 * A scenario puts a cast of processes up, which do nothing any more once they
 * have their memory, and says whom the kernel should take. Then tam is asked,
 * once with the system calls and once with /proc alone, an eater makes the memory
 * run out, and the kernel's log and the dead are looked at.
 */
#ifndef OOM_H
#define OOM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MAX_CAST 8
#define EXEMPT (-1000)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What an actor does with its memory. */
enum act {
	PLAIN,	    /* has it resident */
	SWAPPED,    /* has it swapped out */
	TABLES,	    /* has as much in page tables */
	LEADERLESS, /* has it in a second thread; the first has exited */
	SHARER,	    /* shares it with a process that clone(2) made */
	VFORKING    /* shares it with a child of vfork(2) that executes nothing */
};

struct part {
	const char *name;
	unsigned int mib;
	int adj; /* oom_score_adj */
	enum act act;
	const char *group;	   /* its memory cgroup; NULL: the root */
	const char *partner_group; /* of the process that SHARER shares with */
	pid_t pid;		   /* 0: any */
};

struct actor {
	const char *name;
	pid_t pid;
	pid_t task;  /* the thread with the memory, which the log names */
	bool doomed; /* the scenario says that it dies */
	bool dead;
};

struct stage {
	struct actor cast[MAX_CAST];
	unsigned int size;
	const char *group;	 /* whose limit is met; NULL: the machine */
	const char *eater_group; /* where the eater eats */
	int eater_adj;
	pid_t eater;
	const char *outcome;  /* what tam should call it */
	struct actor *victim; /* whom the kernel should take; NULL: the eater */
	unsigned int tied;    /* so many have the highest badness */
	bool only_ask;	      /* tam: memory does not run out */
	int asker_adj;	      /* tam's own oom_score_adj */
};

struct scenario {
	const char *name;
	void (*set)(struct stage *stage, unsigned int variation);
	unsigned int variations;
};

/* Each ends with one that has no name. */
extern const struct scenario machine_scenarios[], outcome_scenarios[];
extern const struct scenario limit_scenarios[], v1_scenarios[];

/* main.c: ends the program, when what it needs cannot be had. */
__attribute__((noreturn, format(printf, 1, 2)))
void bail_out(const char *format, ...);
__attribute__((format(printf, 2, 3)))
void ok(bool passed, const char *format, ...);
__attribute__((format(printf, 1, 2)))
void note(const char *format, ...);

/* play.c */
void play(const struct scenario *scenario, unsigned int variation);
/* The kernel should take this one, or let others die with it. */
void doom(struct stage *stage, struct actor *victim);
void doom_too(struct actor *actor);

/* cast.c */
struct actor *hire(struct stage *stage, const struct part *part);
/* The one with which the last SHARER or VFORKING that was hired shares. */
struct actor *partner(struct stage *stage);
/* Notes who has died; true when the eater has. */
bool bury(struct stage *stage);
void dismiss(struct stage *stage);

/* acts.c */
struct ready {
	pid_t task;
	pid_t partner;
};
__attribute__((noreturn))
void act(const struct part *part, int ready);

/* eater.c */
pid_t start_eater(const struct stage *stage);

/* predict.c */
struct prediction {
	char outcome[32];
	pid_t victim; /* 0: none */
	pid_t also[MAX_CAST];
	unsigned int also_count;
	/* Of the processes that are not exempt, by falling badness. */
	pid_t pid[2 * MAX_CAST];
	long badness[2 * MAX_CAST];
	unsigned int count;
};
void predict(const char *backend, const struct stage *stage, struct prediction *prediction);
/* Whether it says that this one dies. */
bool foretold(const struct prediction *prediction, pid_t pid);

/* log.c */
struct record {
	pid_t chosen; /* the process */
	char constraint[32];
	char group[64]; /* whose limit was met; "" when that of the machine */
	pid_t killed[2 * MAX_CAST]; /* threads, by time */
	unsigned int count;
};
int open_log(void);
void read_log(int fd, struct record *record);

/* group.c */
void make_group(const char *path);
void set_group(const char *path, const char *file, const char *value);
void join_group(const char *path);
void remove_groups(void);
bool groups_are_v1(void);

/* file.c */
void write_file(const char *path, const char *text);
long number_in(const char *path, const char *key);
void set_adj(pid_t pid, int adj);
void set_sysctl(const char *name, const char *value);
void swap_on(void);
void swap_off(void);

#endif
