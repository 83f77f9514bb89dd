/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of the program, one file each. argv[0] is the command's own name. */
#ifndef SHADEWALK_SIM_CMD_H
#define SHADEWALK_SIM_CMD_H

#include "base/err.h"

enum err cmd_run(int argc, char **argv, struct diag *d);
enum err cmd_compare(int argc, char **argv, struct diag *d);
enum err cmd_plot(int argc, char **argv, struct diag *d);
enum err cmd_list(int argc, char **argv, struct diag *d);
enum err cmd_db_dump(int argc, char **argv, struct diag *d);
enum err cmd_walk(int argc, char **argv, struct diag *d);
enum err cmd_trace_info(int argc, char **argv, struct diag *d);
enum err cmd_trace_dump(int argc, char **argv, struct diag *d);
enum err cmd_trace_check(int argc, char **argv, struct diag *d);
enum err cmd_trace_cut(int argc, char **argv, struct diag *d);
enum err cmd_trace_convert(int argc, char **argv, struct diag *d);
enum err cmd_trace_import(int argc, char **argv, struct diag *d);
enum err cmd_trace_export(int argc, char **argv, struct diag *d);
enum err cmd_trace_symbols(int argc, char **argv, struct diag *d);

#endif
