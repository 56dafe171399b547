/* The command line: global options, one command of one or two words, its arguments. The table says
 * it all, for the help as for the checks. */
#include "config.h"

#include <apr_errno.h>
#include <apr_general.h>
#include <apr_getopt.h>
#include <apr_strings.h>
#include <libxml/parser.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_HTTPD = 256, OPT_CONFIG, OPT_JSON, OPT_HELP, OPT_VERSION, OPT_OWN };
enum { OPT_YES = OPT_OWN, OPT_HELD, OPT_DUE, OPT_ALL_HELD, OPT_AGAIN, OPT_SINCE, OPT_NUMBER };
enum { OPT_FORCE = OPT_NUMBER + 1, OPT_AUTHORITY, OPT_NAME, OPT_HOST, OPT_MAIL, OPT_FOLDER };
enum { OPT_CERTIFICATE = OPT_FOLDER + 1, OPT_CERTIFICATE_KEY, OPT_SCAN, OPT_SHARE, OPT_TARGET };
enum { OPT_SEND_TEST = OPT_TARGET + 1 };

static const apr_getopt_option_t options[] = {
    {"httpd", OPT_HTTPD, 1, "PATH    httpd's program, or apachectl"},
    {NULL, 'f', 1, "CONF    handed to httpd: its configuration file"},
    {NULL, 'd', 1, "ROOT    handed to httpd: its ServerRoot"},
    {"config", OPT_CONFIG, 1,
     "FILE    instead of asking httpd: what -D DUMP_EINBUERGERUNG printed"},
    {"json", OPT_JSON, 0, "        for programs"},
    {"help", OPT_HELP, 0, NULL},
    {"version", OPT_VERSION, 0, NULL},
    {"yes", OPT_YES, 0, NULL},
    {"held", OPT_HELD, 0, NULL},
    {"due", OPT_DUE, 0, NULL},
    {"all-held", OPT_ALL_HELD, 0, NULL},
    {"again", OPT_AGAIN, 0, NULL},
    {"since", OPT_SINCE, 1, NULL},
    {"number", OPT_NUMBER, 1, NULL},
    {"force", OPT_FORCE, 0, NULL},
    {"authority", OPT_AUTHORITY, 1, NULL},
    {"name", OPT_NAME, 1, NULL},
    {"host", OPT_HOST, 1, NULL},
    {"mail", OPT_MAIL, 1, NULL},
    {"folder", OPT_FOLDER, 1, NULL},
    {"certificate", OPT_CERTIFICATE, 1, NULL},
    {"certificate-key", OPT_CERTIFICATE_KEY, 1, NULL},
    {"scan", OPT_SCAN, 1, NULL},
    {"share", OPT_SHARE, 1, NULL},
    {"target", OPT_TARGET, 1, NULL},
    {"send-test", OPT_SEND_TEST, 1, NULL},
    {NULL, 0, 0, NULL},
};

#define TAKES(option) (1u << ((option)-OPT_OWN))
#define TAKES_INIT    (TAKES(OPT_TARGET + 1) - TAKES(OPT_FORCE))

typedef struct command_t {
    const char *name, *arguments, *about;
    int (*run)(eb_ctl_t *ctl);
    int least, most; /* arguments */
    unsigned takes;  /* options of its own */
    bool alone;      /* needs no configuration */
} command_t;

static const command_t commands[] = {
    {.name = "init",
     .arguments =
         "[--authority AGS] [--name TEXT] [--host NAME] [--mail ADDRESS] [--folder FOLDER] "
         "[--certificate PEM] [--certificate-key PEM] [--scan required|optional|off] "
         "[--force] [--share FOLDER] [--target FOLDER]",
     .about = "the first start: asks five questions, writes keys, a vhost and Redis' configuration",
     .run = eb_ctl_init,
     .takes = TAKES_INIT | TAKES(OPT_YES),
     .alone = true},
    {.name = "status",
     .arguments = "",
     .about = "what waits, what is held, how old the oldest is",
     .run = eb_ctl_status},
    {.name = "jobs list",
     .arguments = "[AUTHORITY] [--held] [--due]",
     .about = "the jobs that wait",
     .run = eb_ctl_jobs_list,
     .most = 1,
     .takes = TAKES(OPT_HELD) | TAKES(OPT_DUE)},
    {.name = "jobs show",
     .arguments = "JOB",
     .about = "all about one; a JOB is a UUID or Vorgangsnummer",
     .run = eb_ctl_jobs_show,
     .least = 1,
     .most = 1},
    {.name = "jobs retry",
     .arguments = "JOB [--again] | --all-held AUTHORITY",
     .about = "tries now, wherever it waits",
     .run = eb_ctl_jobs_retry,
     .least = 1,
     .most = 1,
     .takes = TAKES(OPT_ALL_HELD) | TAKES(OPT_AGAIN)},
    {.name = "jobs hold",
     .arguments = "JOB [REASON]",
     .about = "keeps it until somebody says retry",
     .run = eb_ctl_jobs_hold,
     .least = 1,
     .most = 2},
    {.name = "jobs confirm",
     .arguments = "JOB --yes",
     .about = "the receiver has it: its content may go",
     .run = eb_ctl_jobs_confirm,
     .least = 1,
     .most = 1,
     .takes = TAKES(OPT_YES)},
    {.name = "jobs export",
     .arguments = "JOB FOLDER --yes",
     .about = "writes message and documents, readable, for delivery by hand",
     .run = eb_ctl_jobs_export,
     .least = 2,
     .most = 2,
     .takes = TAKES(OPT_YES)},
    {.name = "journal",
     .arguments = "[AUTHORITY] [--since DATE] [--number NUMBER]",
     .about = "who, when, which step",
     .run = eb_ctl_journal,
     .most = 1,
     .takes = TAKES(OPT_SINCE) | TAKES(OPT_NUMBER)},
    {.name = "keys new",
     .arguments = "FILE [NAME]",
     .about = "makes a key and puts it on top of the key file",
     .run = eb_ctl_keys_new,
     .least = 1,
     .most = 2,
     .alone = true},
    {.name = "keys check",
     .arguments = "",
     .about = "which keys are in use, which could go",
     .run = eb_ctl_keys_check},
    {.name = "keys rewrap",
     .arguments = "",
     .about = "seals waiting packages under the current key",
     .run = eb_ctl_keys_rewrap},
    {.name = "form check",
     .arguments = "FILE",
     .about = "loads a form as httpd would",
     .run = eb_ctl_form_check,
     .least = 1,
     .most = 1},
    {.name = "output check",
     .arguments = "AUTHORITY [--send-test FILE]",
     .about = "asks the receiver whether it would take applications; sends none, or a test message",
     .run = eb_ctl_output_check,
     .least = 1,
     .most = 1,
     .takes = TAKES(OPT_SEND_TEST),
     .alone = true},
    {.name = "doctor",
     .arguments = "",
     .about = "what is wrong with this installation, and how to mend it",
     .run = eb_ctl_doctor,
     .alone = true},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

int eb_ctl_complain(const eb_ctl_t *ctl, const eb_problem_t *problem)
{
    fprintf(stderr, "einbuergerungctl: %s\n", eb_problem_text(problem, ctl->pool));
    return EB_EXIT_WRONG;
}

int eb_ctl_done(const eb_ctl_t *ctl, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *text = apr_pvsprintf(ctl->pool, format, args);
    va_end(args);
    if (ctl->json) {
        json_t *json = json_pack("{s:s}", "done", text);
        json_dumpf(json, stdout, JSON_INDENT(2));
        json_decref(json);
    } else {
        fputs(text, stdout);
    }
    putchar('\n');
    return EB_EXIT_GOOD;
}

int eb_ctl_usage(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("einbuergerungctl: ", stderr);
    vfprintf(stderr, format, args);
    fputs("; try einbuergerungctl --help\n", stderr);
    va_end(args);
    return EB_EXIT_USAGE;
}

static int help(void)
{
    puts("einbuergerungctl [OPTION]… COMMAND, the operator's view of mod_einbuergerung\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n  %-12s   %s\n", commands[i].name, commands[i].arguments, "",
               commands[i].about);
    puts("");
    for (const apr_getopt_option_t *o = options; o->optch; o++)
        if (o->description && o->name)
            printf("  --%-8s %s\n", o->name, o->description);
        else if (o->description)
            printf("  -%c         %s\n", o->optch, o->description);
    puts(
        "\nExit codes: 0 good, 1 something is wrong with the service, 2 usage, 3 the configuration "
        "cannot be read.\nSee einbuergerungctl(8).");
    return EB_EXIT_GOOD;
}

static void set_option(eb_ctl_t *ctl, int option, const char *value)
{
    switch (option) {
    case OPT_HTTPD: ctl->httpd = value; break;
    case OPT_CONFIG: ctl->saved = value; break;
    case 'f': ctl->conf = value; break;
    case 'd': ctl->root = value; break;
    case OPT_JSON: ctl->json = true; break;
    case OPT_YES: ctl->yes = true; break;
    case OPT_HELD: ctl->held = true; break;
    case OPT_DUE: ctl->due = true; break;
    case OPT_ALL_HELD: ctl->all_held = true; break;
    case OPT_AGAIN: ctl->again = true; break;
    case OPT_SINCE: ctl->since = value; break;
    case OPT_NUMBER: ctl->number = value; break;
    case OPT_FORCE: ctl->force = true; break;
    case OPT_AUTHORITY: ctl->authority = value; break;
    case OPT_NAME: ctl->name = value; break;
    case OPT_HOST: ctl->host = value; break;
    case OPT_MAIL: ctl->mail = value; break;
    case OPT_FOLDER: ctl->folder = value; break;
    case OPT_CERTIFICATE: ctl->certificate = value; break;
    case OPT_CERTIFICATE_KEY: ctl->certificate_key = value; break;
    case OPT_SCAN: ctl->scan = value; break;
    case OPT_SHARE: ctl->share = value; break;
    case OPT_TARGET: ctl->target = value; break;
    case OPT_SEND_TEST: ctl->send_test = value; break;
    }
}

/* The transport may be named instead of what it is: "fitconnect check" is "output check". */
static const char *first_word(const eb_ctl_t *ctl)
{
    const char *word = ctl->words[0];
    bool transport = strcmp(word, "fitconnect") == 0 || strcmp(word, "xta") == 0;

    return transport ? "output" : word;
}

/* The command that the first words name; they are taken away. */
static const command_t *find_command(eb_ctl_t *ctl)
{
    for (int i = 0; i < COMMANDS; i++) {
        int words = strchr(commands[i].name, ' ') ? 2 : 1;
        if (ctl->words_count < words)
            continue;
        const char *name = words == 1
                               ? ctl->words[0]
                               : apr_pstrcat(ctl->pool, first_word(ctl), " ", ctl->words[1], NULL);
        if (strcmp(name, commands[i].name) != 0)
            continue;
        ctl->words += words;
        ctl->words_count -= words;
        return &commands[i];
    }
    return NULL;
}

static int run(eb_ctl_t *ctl, unsigned given)
{
    const command_t *command = find_command(ctl);
    eb_problem_t *problem = NULL;
    eb_config_t *config;

    if (!command)
        return eb_ctl_usage("%s is no command", ctl->words_count ? ctl->words[0] : "nothing");
    if (given & ~command->takes)
        return eb_ctl_usage("%s does not take that option", command->name);
    if (ctl->words_count < command->least || ctl->words_count > command->most)
        return eb_ctl_usage("usage: %s %s", command->name, command->arguments);
    if (!command->alone && eb_config_load(&config, ctl, &problem)) {
        eb_ctl_complain(ctl, problem);
        return EB_EXIT_CONFIG;
    }
    if (!command->alone)
        ctl->config = config;
    return command->run(ctl);
}

static int start(eb_ctl_t *ctl, int argc, const char *const *argv)
{
    unsigned given = 0;
    apr_getopt_t *reader;
    const char *value;
    apr_status_t rv;
    int option;

    apr_getopt_init(&reader, ctl->pool, argc, argv);
    reader->interleave = 1;
    while ((rv = apr_getopt_long(reader, options, &option, &value)) == APR_SUCCESS) {
        if (option == OPT_HELP)
            return help();
        if (option == OPT_VERSION)
            return puts("einbuergerungctl " EB_VERSION) < 0;
        set_option(ctl, option, value);
        given |= option >= OPT_OWN ? TAKES(option) : 0;
    }
    if (rv != APR_EOF)
        return EB_EXIT_USAGE; /* it has told what it does not know */
    ctl->words = (const char **)reader->argv + reader->ind;
    ctl->words_count = argc - reader->ind;
    return ctl->words_count ? run(ctl, given) : (help(), EB_EXIT_USAGE);
}

int main(int argc, const char *const *argv, const char *const *env)
{
    eb_ctl_t ctl = {.now = 0};

    if (apr_app_initialize(&argc, &argv, &env) || apr_pool_create(&ctl.pool, NULL))
        return EB_EXIT_WRONG;
    atexit(apr_terminate);
    xmlInitParser();
    ctl.now = apr_time_now();
    return start(&ctl, argc, argv);
}
