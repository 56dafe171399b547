/* Files that other programs wrote: Chromium prints, paints and photographs, qpdf rewrites, cjpeg
 * compresses, and the checkers must like what is ordinary and find what is not. Programs that are
 * not installed are skipped aloud. */
#include "base/buf.h"
#include "content.h"
#include "tap.h"

#include <apr_strings.h>
#include <unistd.h>

static apr_pool_t *pool;
static char folder[] = "/tmp/eb-content-XXXXXX";

static bool has(const char *program)
{
    return system(apr_pstrcat(pool, "command -v ", program, " >/dev/null 2>&1", NULL)) == 0;
}

/* In the folder; no output, and an end after a minute. */
static bool run(const char *command)
{
    return system(apr_psprintf(pool, "cd %s && timeout 60 %s >out 2>err </dev/null", folder,
                               command)) == 0;
}

static eb_buf_t content_of(const char *file)
{
    eb_buf_t data;
    eb_buf_init(&data, 1024, pool);
    FILE *f = fopen(apr_pstrcat(pool, folder, "/", file, NULL), "rb");
    for (size_t n = 1; f && n; data.len += n)
        n = fread(eb_buf_reserve(&data, 65536), 1, 65536, f);
    if (f)
        fclose(f);
    return data;
}

static void write_file(const char *file, const void *data, apr_size_t len)
{
    FILE *f = fopen(apr_pstrcat(pool, folder, "/", file, NULL), "wb");
    if (!f || fwrite(data, 1, len, f) != len || fclose(f) != 0)
        printf("# cannot write %s\n", file);
}

/* `part` of the sentence, NULL: accepted. */
static void expect(const char *file, const char *part)
{
    eb_buf_t data = content_of(file);
    verdict_t v = verdict_of(file, NULL, data.data, data.len);
    bool good = part ? v.why && strstr(v.why, part) : !v.why && v.kept == data.len;
    if (!ok(good && data.len, apr_psprintf(pool, "%s (%d bytes)", file, (int)data.len)))
        printf("#   said: %s\n", v.why ? v.why : "(accepted)");
}

static const char page[] =
    "<!DOCTYPE html><html lang=de><meta charset=utf-8><title>Geburtsurkunde (Kopie) – 1 0 obj"
    "</title><h1>Geburtsurkunde</h1><p>Große Straße 5, <a href='https://example.org/'>Verweis</a>"
    "<form><input value=Text><input type=checkbox checked></form><svg width=90 height=90><circle "
    "cx=45 cy=45 r=40 fill=red /></svg><p style='page-break-before:always'>Ünterschrift ж 中";

/* Images as hexadecimal text in the page, for --dump-dom. */
static const char canvas[] =
    "<!DOCTYPE html><canvas id=c width=300 height=200></canvas><pre id=o></pre><script>"
    "const x=c.getContext('2d');for(let i=0;i<300;i++){x.fillStyle=`hsl(${i*7%360} 80% 50%)`;"
    "x.fillRect(i,i%50,9,150)}o.textContent=['jpeg','png','webp'].map(t=>t+':'+[...atob("
    "c.toDataURL('image/'+t).split(',')[1])].map(b=>b.charCodeAt(0).toString(16).padStart(2,'0'))"
    ".join('')+'.').join()</script>";

#define CHROMIUM                                                                                   \
    "chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=. "

static void painted(const char *dom, const char *label, const char *file, const char *part)
{
    eb_buf_t bytes;
    eb_buf_init(&bytes, 4096, pool);
    const char *hex = strstr(dom, label);
    for (unsigned c; hex && sscanf(hex + strlen(label) + 2 * bytes.len, "%2x", &c) == 1;)
        eb_buf_putc(&bytes, (char)c);
    write_file(file, bytes.data, bytes.len);
    expect(file, part);
}

static bool chromium(void)
{
    if (!has("chromium")) {
        skip(5, "no chromium to write files");
        return false;
    }
    write_file("page.html", page, sizeof(page) - 1);
    run(CHROMIUM "--print-to-pdf=printed.pdf page.html");
    expect("printed.pdf", NULL);
    run(CHROMIUM "--screenshot=screen.png page.html");
    expect("screen.png", NULL);
    write_file("canvas.html", canvas, sizeof(canvas) - 1);
    run(CHROMIUM "--dump-dom canvas.html");
    eb_buf_t dom = content_of("out");
    eb_buf_cstr(&dom);
    painted(dom.data, "jpeg:", "painted.jpg", NULL);
    painted(dom.data, "png:", "painted.png", NULL);
    painted(dom.data, "webp:", "painted.webp", "als JPEG oder PNG");
    return true;
}

static void rewritten(bool printed)
{
    static const struct {
        const char *options;
        const char *part;
    } ways[] = {
        {"--object-streams=generate", NULL},
        {"--object-streams=generate --linearize", NULL},
        {"--linearize --object-streams=disable", NULL},
        {"--qdf --object-streams=disable", NULL},
        {"--qdf --object-streams=generate", NULL},
        {"--stream-data=uncompress", NULL},
        {"--object-streams=generate --encrypt '' owner 256 --", "Kennwort"},
        {"--encrypt user owner 128 --use-aes=y --", "Kennwort"},
        {"--add-attachment page.html --", "stecken weitere"},
        {"--object-streams=generate --add-attachment page.html --", "stecken weitere"},
    };
    int count = (int)(sizeof(ways) / sizeof(ways[0]));
    if (!printed || !has("qpdf")) {
        skip(count, "no qpdf to rewrite what chromium printed");
        return;
    }
    for (int i = 0; i < count; i++) {
        const char *file = apr_psprintf(pool, "rewritten-%d.pdf", i);
        run(apr_pstrcat(pool, "qpdf printed.pdf ", ways[i].options, " ", file, NULL));
        printf("# qpdf %s\n", ways[i].options);
        expect(file, ways[i].part);
    }
}

static void compressed(void)
{
    static const struct {
        const char *options;
        const char *part;
    } ways[] = {
        {"-quality 90", NULL}, {"-progressive", NULL},           {"-grayscale -optimize", NULL},
        {"-restart 1", NULL},  {"-sample 1x1 -dct float", NULL}, {"-arithmetic", "Sonderform"},
    };
    int count = (int)(sizeof(ways) / sizeof(ways[0]));
    if (!has("cjpeg")) {
        skip(count, "no cjpeg to compress");
        return;
    }
    eb_buf_t image;
    eb_buf_init(&image, 65536, pool);
    eb_buf_puts(&image, "P6\n160 120\n255\n");
    for (unsigned i = 0; i < 160 * 120 * 3; i++)
        eb_buf_putc(&image, (char)(i * i / 77 ^ i >> 3));
    write_file("image.ppm", image.data, image.len);
    for (int i = 0; i < count; i++) {
        const char *file = apr_psprintf(pool, "compressed-%d.jpg", i);
        run(apr_pstrcat(pool, "cjpeg ", ways[i].options, " -outfile ", file, " image.ppm", NULL));
        printf("# cjpeg %s\n", ways[i].options);
        expect(file, ways[i].part);
    }
}

int main(void)
{
    pool = tap_begin();
    if (!mkdtemp(folder))
        return 1;
    bool printed = chromium();
    rewritten(printed);
    compressed();
    if (system(apr_pstrcat(pool, "rm -rf ", folder, NULL)) != 0)
        printf("# %s is left behind\n", folder);
    return done();
}
