/* Runs a fuzz target over files without libFuzzer, so that any compiler can replay the corpus: one
 * line of TAP for each file, in the order of their names. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static int count;

/* In memory of exactly the file's size, as libFuzzer hands it over. */
static bool replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    bool good = f && fstat(fileno(f), &st) == 0;
    if (good) {
        size_t size = (size_t)st.st_size;
        uint8_t *data = malloc(size ? size : 1);
        good = fread(data, 1, size, f) == size;
        if (good)
            LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    if (f)
        fclose(f);
    printf("%sok %d - %s\n", good ? "" : "not ", ++count, path);
    fflush(stdout); /* if the next one crashes, this one is seen to be good */
    return good;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool replay_folder(const char *path)
{
    struct dirent **entries;
    bool good = true;
    int n = scandir(path, &entries, is_visible, alphasort);
    for (int i = 0; i < n; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        good = replay_file(file) && good;
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return good && n >= 0;
}

int main(int argc, char **argv)
{
    bool good = argc > 1;
    if (!good)
        fprintf(stderr, "usage: %s FILE|FOLDER ...\n", argv[0]);
    for (int i = 1; i < argc; i++) {
        struct stat st;
        bool folder = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode);
        good = (folder ? replay_folder(argv[i]) : replay_file(argv[i])) && good;
    }
    printf("1..%d\n", count);
    return good ? 0 : 1;
}
