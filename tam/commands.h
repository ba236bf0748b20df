/* SPDX-License-Identifier: MIT */
/* The subcommands: arguments from their own name on, exit status back. */
#ifndef TAM_COMMANDS_H
#define TAM_COMMANDS_H

int command_total(int argc, char **argv);
int command_ps(int argc, char **argv);
int command_oom(int argc, char **argv);
int command_top(int argc, char **argv);
int command_map(int argc, char **argv);
int command_alloc(int argc, char **argv);
int command_run(int argc, char **argv);
int command_doctor(int argc, char **argv);

/* What SIGPIPE did before main() set it to be ignored: for what tam run runs. */
extern void (*run_sigpipe)(int);

#endif
