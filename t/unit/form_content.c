/* Which kinds come in, under which names, and whether images are whole: PNG and JPEG built here
 * byte by byte, and the first bytes of what people upload instead. */
#include "base/buf.h"
#include "content.h"
#include "tap.h"

#include <apr_strings.h>
#include <zlib.h>

static apr_pool_t *pool;

#define DAMAGED "beschädigt"
#define LARGE   "zu viele Bildpunkte"
#define FOREIGN "Sonderform"

static void expect(const char *name, const eb_buf_t *data, const char *part, const char *what)
{
    const char *why = verdict_of(name, NULL, data->data, data->len).why;
    bool good = part ? why && strstr(why, part) : !why;
    if (!ok(good, what))
        printf("#   said: %s\n", why ? why : "(accepted)");
}

static void add32(eb_buf_t *out, apr_uint32_t n)
{
    const char bytes[] = {(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n};
    eb_buf_add(out, bytes, 4);
}

static void chunk(eb_buf_t *out, const char *type, const void *data, apr_size_t len)
{
    add32(out, (apr_uint32_t)len);
    apr_size_t from = out->len;
    eb_buf_add(out, type, 4);
    eb_buf_add(out, data, len);
    add32(out, (apr_uint32_t)crc32(0, (Bytef *)out->data + from, (uInt)(len + 4)));
}

static void ihdr(eb_buf_t *out, apr_uint32_t width, apr_uint32_t height, const char *rest)
{
    eb_buf_t data;
    eb_buf_init(&data, 16, pool);
    add32(&data, width);
    add32(&data, height);
    eb_buf_add(&data, rest, 5);
    chunk(out, "IHDR", data.data, data.len);
}

/* The chunks named by one letter each: what they mean stands below. */
static eb_buf_t png(const char *chunks)
{
    static const char pixels[] = "\x78\x9C\x63\x60\0\0\0\2\0\1";
    eb_buf_t out;
    eb_buf_init(&out, 256, pool);
    eb_buf_add(&out, "\x89PNG\r\n\x1A\n", 8);
    for (; *chunks; chunks++) {
        switch (*chunks) {
        case 'H': ihdr(&out, 100, 200, "\x8\2\0\0"); break;
        case 'L': ihdr(&out, 10000, 10001, "\x8\2\0\0"); break;
        case 'X': ihdr(&out, 10000, 10000, "\x8\2\0\0\1"); break;
        case '0': ihdr(&out, 0, 10, "\x8\2\0\0"); break;
        case 'N': ihdr(&out, 0x80000000, 1, "\x8\2\0\0"); break;
        case '3': ihdr(&out, 10, 10, "\x8\3\0\0"); break;
        case 'd': ihdr(&out, 10, 10, "\4\2\0\0"); break;
        case 'c': ihdr(&out, 10, 10, "\x8\5\0\0"); break;
        case 'f': ihdr(&out, 10, 10, "\x8\2\0\1"); break;
        case 'i': ihdr(&out, 10, 10, "\x8\2\0\0\2"); break;
        case 'P': chunk(&out, "PLTE", "\1\2\3\4\5\6", 6); break;
        case 'p': chunk(&out, "PLTE", "\1\2\3\4", 4); break;
        case 'D': chunk(&out, "IDAT", pixels, sizeof(pixels)); break;
        case 'e': chunk(&out, "IDAT", "", 0); break;
        case 'T': chunk(&out, "tEXt", "Title\0x", 7); break;
        case 'C': chunk(&out, "CgBI", "\0\0\0\0", 4); break;
        case '?': chunk(&out, "te1t", "", 0); break;
        case 'E': chunk(&out, "IEND", "", 0); break;
        case 'F': chunk(&out, "IEND", "x", 1); break;
        default: eb_buf_putc(&out, *chunks);
        }
    }
    return out;
}

static void pngs(void)
{
    static const struct {
        const char *chunks;
        const char *part;
    } files[] = {
        {"HDE", NULL},       {"HTPTDDDTE", NULL}, {"3PDE", NULL},         {"XDE", NULL},
        {"HeDE", NULL},      {"LDE", LARGE},      {"0DE", DAMAGED},       {"NDE", DAMAGED},
        {"3DE", DAMAGED},    {"dDE", DAMAGED},    {"cDE", DAMAGED},       {"fDE", DAMAGED},
        {"iDE", DAMAGED},    {"HpDE", DAMAGED},   {"HPPDE", DAMAGED},     {"HDPE", DAMAGED},
        {"HE", DAMAGED},     {"HeE", DAMAGED},    {"HD", DAMAGED},        {"DHE", DAMAGED},
        {"HHDE", DAMAGED},   {"HDTDE", DAMAGED},  {"H?DE", DAMAGED},      {"HDF", DAMAGED},
        {"HCDE", FOREIGN},   {"CHDE", DAMAGED},   {"HDEE", "Hinter dem"}, {"HDE\n", "Hinter dem"},
        {"", "vollständig"},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        eb_buf_t data = png(files[i].chunks);
        expect("a.png", &data, files[i].part, apr_pstrcat(pool, "PNG ", files[i].chunks, NULL));
    }
    eb_buf_t data = png("HTDE");
    int accepted = 0;
    for (apr_size_t i = 8; i < data.len; i++) {
        data.data[i] ^= 4;
        accepted += verdict_in("a.png", NULL, data.data, data.len, 5, 0).why == NULL;
        data.data[i] ^= 4;
    }
    is_int(accepted, 0, "PNG: a bit changed anywhere is noticed");
    for (apr_size_t n = 0; n < data.len; n++)
        accepted += verdict_in("a.png", NULL, data.data, n, 100, 0).why == NULL;
    is_int(accepted, 0, "PNG: no part is accepted");
}

static void segment(eb_buf_t *out, int marker, const char *data, apr_size_t len)
{
    const char head[] = {(char)0xFF, (char)marker, (char)((len + 2) >> 8), (char)(len + 2)};
    eb_buf_add(out, head, 4);
    eb_buf_add(out, data, len);
}

#define ADD(text)         eb_buf_add(&out, text, sizeof(text) - 1)
#define SEG(marker, text) segment(&out, marker, text, sizeof(text) - 1)

static eb_buf_t jpeg(const char *parts)
{
    eb_buf_t out;
    eb_buf_init(&out, 256, pool);
    ADD("\xFF\xD8");
    for (; *parts; parts++) {
        switch (*parts) {
        case 'A': SEG(0xE0, "JFIF\0\1\2\0\0\1\0\1\0\0"); break;
        case 'M': SEG(0xE1, "Exif\0\0\xFF\xD9\xFF\xD8\xFF\xDA"); break;
        case 'c': SEG(0xFE, ""); break;
        case 'Q': SEG(0xDB, "\0qqqqqqqq"); break;
        case 'H': SEG(0xC4, "\0hhhhhhhh"); break;
        case 'F': SEG(0xC0, "\x8\0\x10\0\x10\1\1\x11\0"); break;
        case 'P': SEG(0xC2, "\x8\0\x10\0\x10\3\1\x22\0\2\x11\1\3\x11\1"); break;
        case 'L': SEG(0xC0, "\x8\xFF\xFF\xFF\xFF\1\1\x11\0"); break;
        case '0': SEG(0xC0, "\x8\0\0\0\x10\1\1\x11\0"); break;
        case 'w': SEG(0xC0, "\x8\0\x10\0\0\1\1\x11\0"); break;
        case 'k': SEG(0xC0, "\x8\0\x10\0\x10\2\1\x11\0"); break;
        case '2': SEG(0xC1, "\x0C\0\x10\0\x10\1\1\x11\0"); break;
        case '3': SEG(0xC3, "\x8\0\x10\0\x10\1\1\x11\0"); break;
        case '9': SEG(0xC9, "\x8\0\x10\0\x10\1\1\x11\0"); break;
        case 'S':
            SEG(0xDA, "\1\1\0\0\x3F\0");
            ADD("ab\xFF\0cd\xFF\xD0"
                "ef\xFF\0");
            break;
        case 's': SEG(0xDA, "\1\1\0\0\x3F\0"); break;
        case 't':
            SEG(0xDA, "\2\1\0\0\x3F\0");
            ADD("x");
            break;
        case 'z': ADD("\xFF\xE0\0\1"); break;
        case 'f': ADD("\xFF\xFF\xFF"); break;
        case 'r': ADD("\xFF\xD0"); break;
        case 'j': ADD("\xFF\x01"); break;
        case 'E': ADD("\xFF\xD9"); break;
        case '+':
            ADD("\0\0\0\x18"
                "ftypmp42\xFF\xD8");
            break;
        default: eb_buf_putc(&out, *parts);
        }
    }
    return out;
}

static void jpegs(void)
{
    static const struct {
        const char *parts;
        const char *part;
    } files[] = {
        {"AQFHSE", NULL},  {"AMcQHPSHSHSSE", NULL}, {"fAfFfSfE", NULL}, {"FSE+", NULL},
        {"FSEE", NULL},    {"AFHSfE", NULL},        {"LSE", LARGE},     {"0SE", DAMAGED},
        {"wSE", DAMAGED},  {"kSE", DAMAGED},        {"2SE", FOREIGN},   {"3SE", FOREIGN},
        {"9SE", FOREIGN},  {"SE", DAMAGED},         {"AE", DAMAGED},    {"FE", DAMAGED},
        {"FS", DAMAGED},   {"FsE", DAMAGED},        {"FtE", DAMAGED},   {"FFSE", DAMAGED},
        {"zFSE", DAMAGED}, {"FrSE", DAMAGED},       {"jFSE", DAMAGED},  {"AxFSE", DAMAGED},
        {"A", DAMAGED},    {"AQF", DAMAGED},        {"AFHSA", DAMAGED}, {"E", "vollständig"},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        eb_buf_t data = jpeg(files[i].parts);
        expect("a.JPG", &data, files[i].part, apr_pstrcat(pool, "JPEG ", files[i].parts, NULL));
    }
    eb_buf_t data = jpeg("AMFHSE"), longer = jpeg("AMFHSE++++");
    is_int((long long)verdict_of("a.jpg", NULL, longer.data, longer.len).kept, (long long)data.len,
           "what stands behind EOI is left out");
    int accepted = 0;
    for (apr_size_t n = 0; n < data.len; n++)
        accepted += verdict_in("a.jpg", NULL, data.data, n, 100, 0).why == NULL;
    is_int(accepted, 0, "JPEG: no part is accepted");
    char scans[103] = "F";
    memset(scans + 1, 'S', 100);
    scans[101] = 'E';
    data = jpeg(scans);
    expect("a.jpg", &data, NULL, "JPEG: 100 scans");
    memcpy(scans + 101, "S", 2);
    data = jpeg(apr_pstrcat(pool, scans, "E", NULL));
    expect("a.jpg", &data, DAMAGED, "JPEG: 101 scans");
}

static void names(void)
{
    static const struct {
        const char *name, *declared;
        const char *part;
    } rows[] = {
        {"Pass.png", "image/png", NULL},
        {"PASS.PNG", "IMAGE/PNG", NULL},
        {"Mein Pass.v2.png", NULL, NULL},
        {"Pass.png", "", NULL},
        {"Pass.png", "application/octet-stream", NULL},
        {"Pass.png", "image/x-png", NULL},
        {"Pass.png", "image/jpeg", "als etwas anderes gesendet"},
        {"Pass.png", "text/html", "als etwas anderes gesendet"},
        {"Pass.jpg", "image/png", "auf „.png“"},
        {"Pass.png.exe", "image/png", "auf „.png“"},
        {"Pass", "image/png", "auf „.png“"},
        {"png", "image/png", "auf „.png“"},
        {".png", "image/png", "auf „.png“"},
        {"", "image/png", "auf „.png“"},
        {NULL, NULL, "auf „.png“"},
    };
    eb_buf_t data = png("HDE"), photo = jpeg("FSE");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        verdict_t v = verdict_of(rows[i].name, rows[i].declared, data.data, data.len);
        ok(rows[i].part ? v.why && strstr(v.why, rows[i].part) : !v.why,
           apr_psprintf(pool, "%s as %s", rows[i].name, rows[i].declared));
    }
    is_str(verdict_of("a.png", NULL, data.data, data.len).type, "image/png", "the type is told");
    is_str(verdict_of("a.jpeg", "image/pjpeg", photo.data, photo.len).type, "image/jpeg",
           "another ending");
    is_str(verdict_of("a.jpe", NULL, photo.data, photo.len).type, NULL, "no type when refused");
}

#define ROW(bytes, part)                                                                           \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, part                                                             \
    }
#define ZIP "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static void others(void)
{
    static const struct {
        const char *bytes;
        apr_size_t len;
        const char *part;
    } kinds[] = {
        ROW("", "ist leer"),
        ROW("\0\0\0\x18"
            "ftypheic\0\0\0\0mif1heic",
            "Maximale Kompatibilität"),
        ROW("\0\0\0\x18"
            "ftypmif1\0\0\0\0mif1heic",
            "Maximale Kompatibilität"),
        ROW("\0\0\0\x18"
            "ftypavif\0\0\0\0mif1avif",
            "als JPEG oder PNG"),
        ROW("\0\0\0\x18"
            "ftypmp42\0\0\0\0mp42isom",
            "ein Film"),
        ROW("RIFF\x10\0\0\0WEBPVP8 ", "als JPEG oder PNG"),
        ROW("RIFF\x10\0\0\0AVI LIST", "ein Film"),
        ROW("II*\0\x8\0\0\0", "TIFF"),
        ROW("MM\0*\0\0\0\x8", "TIFF"),
        ROW("GIF89a\1\0\1\0", "als JPEG oder PNG"),
        ROW("BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "als JPEG oder PNG"),
        ROW("BMW-Kaufvertrag vom 1. Mai", "nur Text"),
        ROW("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", "Word"),
        ROW(ZIP "[Content_Types].xml", "Word"),
        ROW(ZIP "word/document.xml", "Word"),
        ROW(ZIP "mimetypeapplication/vnd.oasis.opendocument.text", "Word"),
        ROW(ZIP "Zeugnis.pdf", "entpacken"),
        ROW("Rar!\x1A\7\0", "entpacken"),
        ROW("7z\xBC\xAF\x27\x1C\0\4", "entpacken"),
        ROW("\x1F\x8B\x08\0\0\0\0\0", "entpacken"),
        ROW("{\\rtf1\\ansi", "Word"),
        ROW("<!DOCTYPE html><html>", "Internetseite"),
        ROW("\xEF\xBB\xBF \r\n<svg xmlns='x'>", "Internetseite"),
        ROW("Sehr geehrte Damen und Herren", "nur Text"),
        ROW("Gr\xC3\xBC\xC3\x9F"
            "e",
            "nur Text"),
        ROW("x", "nur Text"),
        ROW("%!PS-Adobe-3.0", "PostScript"),
        ROW("MZ\x90\0\3\0\0\0", "Programm"),
        ROW("\x7F"
            "ELF\2\1\1\0",
            "Programm"),
        ROW("#!/bin/sh\nrm", "Programm"),
        ROW("\n%PDF-1.4\n", "Vor dem Anfang"),
        ROW("%PDF-1", "kein vollständiges"),
        ROW("\xFF\xD8\xFF\xE0", "kein vollständiges"),
        ROW("\0\1\2\3\4\5\6\7", "ein Format, das hier nicht"),
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        eb_buf_t data = {(char *)kinds[i].bytes, kinds[i].len, kinds[i].len, pool};
        expect("a.pdf", &data, kinds[i].part,
               apr_psprintf(pool, "kind %d: %s", (int)i, kinds[i].part));
    }
}

int main(void)
{
    pool = tap_begin();
    pngs();
    jpegs();
    names();
    others();
    return done();
}
