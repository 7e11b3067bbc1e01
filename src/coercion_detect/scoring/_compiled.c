/* The compiled scorer: the numbers of scoring/readable.py, some hundred times as fast.
 *
 * What makes it fast:
 *  - Most words of a message have been seen before. What a typed word folds to, which features it has and what they
 *    add up to is worked out once and kept in a cache; a message is then a walk over its words' entries.
 *  - Features are 64-bit keys in one open-addressing table. A key is a hash of the feature's name; that an unknown
 *    n-gram hits a known key by chance is less likely than 1 in 10^13 a look-up.
 *  - Pairs and patterns are looked up once a position, however many windows they lie in.
 *  - Lengths need no sorting: the k-th occurrence of a feature adds (2k - 1) idf^2 to the sum of squares, and a table
 *    of counts is tagged with the window's number instead of being cleared.
 *
 * Folding is defined in text.py. Plain words (ASCII letters with marks around them) are folded here; all others are
 * handed to text.py once and then remembered. tests/scoring/test_compiled.py compares both, word by word. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define HEADS 16
#define TACTICS 12
#define COLUMNS 18 /* of joint.py: tactics, acts, framing, framing of texts with a tactic */
#define INPUTS (2 * HEADS + HEADS * (HEADS + 1) / 2)
#define CACHED 65536 /* entries, about 350 bytes each, before the cache starts anew */
#define NONE UINT32_MAX
#if defined(__GNUC__) && defined(__x86_64__) && defined(__linux__)
#define FAST __attribute__((target_clones("avx512f", "avx2", "default"))) /* chosen when the module is loaded */
#else
#define FAST
#endif
#ifdef __GNUC__
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif
enum { WORD, CHARACTER, PATTERN, BLOCKS };
/* the constants of features.py, windows.py and joint.py; scoring/compiled.py checks that they agree */
enum { LOW = 3, HIGH = 5, PATTERN_LOW = 2, PATTERN_HIGH = 4, WHOLE = 80, STRETCH = 30, FEWEST = 3 };
static const double PAIR_HANDICAP = 0.5, SENTENCE_HANDICAP = 1.0, MOST = 8;

typedef uint64_t key_t64;

/* ---- keys ------------------------------------------------------------------------------------------------------ */

static inline key_t64 mix(key_t64 h) {
    h ^= h >> 32, h *= 0xd6e8feb86659fd93u, h ^= h >> 32, h *= 0xd6e8feb86659fd93u, h ^= h >> 32;
    return h;
}
static inline key_t64 join(key_t64 left, key_t64 right) { return mix(left * 0x9e3779b97f4a7c15u + right); }
static key_t64 hash(const Py_UCS4 *text, Py_ssize_t length, key_t64 seed) {
    key_t64 h = seed;
    for (Py_ssize_t i = 0; i < length; i++) h = (h ^ text[i]) * 0x100000001b3u + (h >> 47);
    return mix(h);
}
static const key_t64 SEED[BLOCKS] = {0xcbf29ce484222325u, 0x84222325cbf29ce4u, 0x2325cbf29ce48422u};

typedef struct { /* open addressing; a byte of the key tells most other keys without touching them */
    uint8_t *tags;
    key_t64 *keys;
    uint64_t *values;
    size_t mask, used;
} Table;

static int table_init(Table *t, size_t expected) {
    size_t places = 16;
    while (places * 4 < 5 * expected) places *= 2; /* at most four fifths full: tags keep long searches cheap */
    t->tags = calloc(places, 1), t->keys = malloc(places * sizeof *t->keys), t->values = malloc(places * sizeof *t->values);
    t->mask = places - 1, t->used = 0;
    return t->tags && t->keys && t->values ? 0 : -1;
}
static void table_free(Table *t) { free(t->tags), free(t->keys), free(t->values); }
static inline uint8_t tag_of(key_t64 key) { return (uint8_t)(key >> 56) | 1; }
static inline uint64_t table_get(const Table *t, key_t64 key, uint64_t missing) {
    for (size_t i = key & t->mask;; i = (i + 1) & t->mask) {
        if (!t->tags[i]) return missing;
        if (t->tags[i] == tag_of(key) && t->keys[i] == key) return t->values[i];
    }
}
static int table_put(Table *t, key_t64 key, uint64_t value) { /* -1 where two names share a key */
    size_t i = key & t->mask;
    for (; t->tags[i]; i = (i + 1) & t->mask)
        if (t->keys[i] == key) return -1;
    t->tags[i] = tag_of(key), t->keys[i] = key, t->values[i] = value, t->used++;
    return 0;
}

/* ---- the model and what is remembered of words ----------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    Table features, symbols, identity; /* key to row; token to class symbol; words that text.py reads as a kind */
    uint32_t until[BLOCKS];            /* rows of each block end here */
    float *idf, *factor;               /* factor: scale of the row's weights times its idf */
    int8_t *weights;                   /* (rows, 16) */
    double bias[HEADS], known_below;
    double center[HEADS], spread[HEADS], joint_bias[COLUMNS], (*joint)[COLUMNS]; /* the second stage */
    key_t64 begin, end, unknown, number;
    PyObject *fold_word, *read, *owner; /* text.py's functions; what holds the arrays */
    struct Memory *spare;               /* memories that no thread is using */
} Kernel;

typedef struct {
    key_t64 key, symbol;
    uint32_t row;
    uint8_t is_word, known;
} Token;

typedef struct { /* what is remembered of one typed word */
    _Alignas(64) float sums[2][HEADS]; /* of its words and its character pieces */
    uint32_t n_tokens, n_rows, n_typed;
    uint8_t ends, letter;
    Token *tokens;  /* these three lie behind the entry, in one piece of memory */
    uint32_t *rows; /* of its words and its character pieces */
    Py_UCS4 *typed; /* to tell it from another word with the same hash */
} Entry;

typedef struct { Py_ssize_t start, end; const Entry *entry; uint32_t token; uint8_t ends; } Word;
typedef struct { uint32_t first, last; double handicap; } Window;
typedef struct { key_t64 keys[PATTERN_HIGH]; uint32_t rows[PATTERN_HIGH]; } Joint; /* at one token: pair, patterns by size */

typedef struct { uint32_t row, first, last; } Found; /* a feature over the tokens first to last (exclusive) */
typedef struct { uint32_t window, times; float idf; } Seen; /* the last window that had a feature, and how often */

typedef struct Memory { /* one thread's: its cache, and the text it is at */
    struct Memory *next;
    Table cache;
    Seen *seen; /* per feature */
    uint32_t window;
    Py_UCS4 *text;
    Word *words;
    const Token **tokens;
    Joint *joints;
    Found *found;
    uint32_t *sentences, n_words, n_tokens, n_pairs;
    size_t limit, text_room, token_room; /* words remembered; characters of a text; its tokens */
    Window *windows;
    uint32_t n_windows, windows_room;
} Memory;

static void forget(Memory *m) {
    for (size_t i = 0; i <= m->cache.mask; i++)
        if (m->cache.tags[i]) free((Entry *)(uintptr_t)m->cache.values[i]);
    memset(m->cache.tags, 0, m->cache.mask + 1), m->cache.used = 0;
}
static void memory_free(Memory *m) {
    if (m->cache.tags) forget(m);
    table_free(&m->cache);
    free(m->seen), free(m->text), free(m->words), free(m->tokens), free(m->joints), free(m->found);
    free(m->sentences), free(m->windows), free(m);
}
static Memory *memory_new(const Kernel *k) {
    Memory *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->seen = calloc(k->until[PATTERN] + 1, sizeof *m->seen);
    if (table_init(&m->cache, CACHED + 1) || !m->seen) return memory_free(m), NULL;
    m->limit = CACHED;
    for (uint32_t row = 0; row < k->until[PATTERN]; row++) m->seen[row].idf = k->idf[row];
    return m;
}

/* ---- from a typed word to its entry ---------------------------------------------------------------------------- */

#ifdef __GNUC__
typedef double Sums __attribute__((vector_size(HEADS * sizeof(double))));
typedef float Row __attribute__((vector_size(HEADS * sizeof(float))));
typedef int8_t Bytes __attribute__((vector_size(HEADS), aligned(1)));
#define ADD_FLOATS(sums, floats) ((sums) += __builtin_convertvector(*(const Row *)(floats), Sums))
#define ADD_BYTES(sums, factor, bytes) ((sums) += (factor) * __builtin_convertvector(*(const Bytes *)(bytes), Sums))
#else
typedef struct { double at[HEADS]; } Sums;
#define ADD_FLOATS(sums, floats) for (int h_ = 0; h_ < HEADS; h_++) (sums).at[h_] += (floats)[h_]
#define ADD_BYTES(sums, factor, bytes) for (int h_ = 0; h_ < HEADS; h_++) (sums).at[h_] += (factor) * (bytes)[h_]
#endif
#define ADD_ROW(sums, k, row) ADD_BYTES(sums, (double)(k)->factor[row], (k)->weights + (size_t)(row) * HEADS)

static int is_mark(Py_UCS4 c) { return c == '?' || c == '!'; }

/* Make an entry of folded pieces, which lie one after another in `text` with a space between. */
FAST static Entry *entry_new(const Kernel *k, const Py_UCS4 *text, Py_ssize_t length, const Py_UCS4 *typed, Py_ssize_t n) {
    size_t n_rows = 0, n_tokens = 0;
    Token *tokens = malloc((length + 1) * sizeof *tokens);
    uint32_t *rows = malloc((9 * length + 16) * sizeof *rows);
    Py_UCS4 *padded = malloc((length + 2) * sizeof *padded);
    Entry *e = NULL;
    Sums sums[2];
    memset(sums, 0, sizeof sums);
    if (!tokens || !rows || !padded) goto done;
    for (Py_ssize_t i = 0, j; i < length; i = j) { /* tokens: runs of letters and digits, "?" and "!" */
        for (j = i; j < length && Py_UNICODE_ISALNUM(text[j]);) j++;
        int marks = j == i && is_mark(text[i]), digits = 1;
        if (j == i && !marks) { j++; continue; }
        j += marks;
        for (Py_ssize_t d = i; d < j; d++) digits &= Py_UNICODE_ISDECIMAL(text[d]);
        Token *t = &tokens[n_tokens++];
        t->key = hash(text + i, j - i, SEED[WORD]), t->row = (uint32_t)table_get(&k->features, t->key, NONE);
        t->symbol = table_get(&k->symbols, t->key, digits ? k->number : k->unknown);
        t->is_word = !marks, t->known = t->is_word && t->row != NONE && k->idf[t->row] < k->known_below;
        if (t->row != NONE) { ADD_ROW(sums[WORD], k, t->row); rows[n_rows++] = t->row; }
    }
    for (Py_ssize_t i = 0, j; i < length; i = j + 1) { /* character pieces of each chunk, padded with spaces */
        for (j = i; j < length && text[j] != ' ';) j++;
        Py_ssize_t size = j - i + 2;
        if (size == 2) continue;
        padded[0] = padded[size - 1] = ' ', memcpy(padded + 1, text + i, (j - i) * sizeof *text);
        for (Py_ssize_t width = LOW; width <= HIGH; width++) {
            for (Py_ssize_t at = 0; at == 0 || at + width <= size; at++) {
                Py_ssize_t taken = width < size ? width : size;
                uint32_t row = (uint32_t)table_get(&k->features, hash(padded + at, taken, SEED[CHARACTER]), NONE);
                if (row != NONE) { ADD_ROW(sums[CHARACTER], k, row); rows[n_rows++] = row; }
            }
            if (size <= width) break;
        }
    }
    size_t bytes = sizeof *e + n_tokens * sizeof *tokens + n_rows * sizeof *rows + n * sizeof *typed;
    if (!(e = aligned_alloc(64, (bytes + 63) / 64 * 64))) goto done;
    memset(e, 0, sizeof *e);
    for (int h = 0; h < 2 * HEADS; h++) (&e->sums[0][0])[h] = (float)((double *)sums)[h];
    e->n_tokens = (uint32_t)n_tokens, e->n_rows = (uint32_t)n_rows, e->n_typed = (uint32_t)n;
    e->tokens = memcpy(e + 1, tokens, n_tokens * sizeof *tokens);
    e->rows = memcpy(e->tokens + n_tokens, rows, n_rows * sizeof *rows);
    e->typed = memcpy(e->rows + n_rows, typed, n * sizeof *typed);
done:
    free(tokens), free(rows), free(padded);
    return e;
}

/* Fold a plain word into `out`, pieces with a space between; -1 where text.py has to say what it folds to. */
static Py_ssize_t fold_plain(const Kernel *k, const Py_UCS4 *typed, Py_ssize_t n, Py_UCS4 *out) {
    Py_ssize_t length = 0, lone = 0, piece = 0, run = 0;
    int letters = 0, digits = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = typed[i], next = i + 1 < n ? typed[i + 1] : 0;
        if (c <= ' ' || c >= 127 || strchr("*#@$%^`", (int)c)) return -1;
        if (c >= 'A' && c <= 'Z') c += 32;
        int letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        letters |= letter, digits |= digit;
        if (letter || digit) {
            if (length >= 2 && piece >= 2 && letter && out[length - 1] == c && out[length - 2] == c) return -1;
            out[length++] = c, piece++, run++;
        }
        int more = i + 1 < n && ((next | 32) >= 'a' && (next | 32) <= 'z' || (next >= '0' && next <= '9'));
        if (run && !((letter || digit) && more)) { /* a run of letters and digits ends: is it one of text.py's kinds? */
            if (table_get(&k->identity, hash(out + length - run, run, SEED[WORD]), 0)) return -1;
            lone += run == 1, run = 0;
        }
        if (letter || digit) continue;
        if (c == '\'' && i > 0 && (typed[i - 1] | 32) >= 'a' && (typed[i - 1] | 32) <= 'z' && (next | 32) >= 'a' &&
            (next | 32) <= 'z') continue; /* don't is dont */
        if (c == '!' && more) return -1;
        if (length && out[length - 1] != ' ') out[length++] = ' ';
        piece = 0;
        if (is_mark(c)) {
            out[length++] = c, out[length++] = ' ';
            while (i + 1 < n && is_mark(typed[i + 1])) i++;
            if (i + 1 < n && typed[i] == '!' && ((typed[i + 1] | 32) >= 'a' && (typed[i + 1] | 32) <= 'z')) return -1;
        }
    }
    if ((letters && digits) || lone > 1) return -1;
    return length;
}

static int ends_sentence(const Py_UCS4 *typed, Py_ssize_t n) {
    while (n && (typed[n - 1] == '"' || typed[n - 1] == '\'' || typed[n - 1] == ')' || typed[n - 1] == ']' ||
                 typed[n - 1] == 0x2019 || typed[n - 1] == 0x201d)) n--;
    return n && (typed[n - 1] == '.' || is_mark(typed[n - 1]) || typed[n - 1] == 0x2026);
}

/* Ask text.py what a word folds to. `answer` is (pieces, ends, letter); each piece is (text, start, end). */
static Entry *entry_from_pieces(const Kernel *k, PyObject *pieces, const Py_UCS4 *typed, Py_ssize_t n) {
    PyObject *texts = PyList_New(0), *space = PyUnicode_FromString(" "), *joined = NULL;
    Entry *e = NULL;
    if (!texts || !space) goto done;
    for (Py_ssize_t i = 0; i < PyTuple_Size(pieces); i++)
        if (PyList_Append(texts, PyTuple_GetItem(PyTuple_GetItem(pieces, i), 0))) goto done;
    if (!(joined = PyUnicode_Join(space, texts))) goto done;
    Py_UCS4 *folded = PyUnicode_AsUCS4Copy(joined);
    if (!folded) goto done;
    e = entry_new(k, folded, PyUnicode_GetLength(joined), typed, n);
    PyMem_Free(folded);
    if (!e) PyErr_NoMemory();
done:
    Py_XDECREF(texts), Py_XDECREF(space), Py_XDECREF(joined);
    return e;
}
static Entry *entry_of_word(const Kernel *k, const Py_UCS4 *typed, Py_ssize_t n, int may_ask) {
    Py_UCS4 small[192] = {0}, *folded = n <= 60 ? small : malloc((3 * n + 3) * sizeof *folded);
    if (!folded) return NULL;
    Py_ssize_t length = fold_plain(k, typed, n, folded);
    Entry *e = NULL;
    if (length >= 0) {
        if ((e = entry_new(k, folded, length, typed, n))) e->ends = ends_sentence(typed, n), e->letter = n == 1 && length == 1 && Py_UNICODE_ISALPHA(typed[0]);
    } else if (may_ask) {
        PyObject *word = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, typed, n), *answer = NULL;
        if (word && (answer = PyObject_CallOneArg(k->fold_word, word)) && (e = entry_from_pieces(k, PyTuple_GetItem(answer, 0), typed, n)))
            e->ends = PyObject_IsTrue(PyTuple_GetItem(answer, 1)), e->letter = PyObject_IsTrue(PyTuple_GetItem(answer, 2));
        Py_XDECREF(word), Py_XDECREF(answer);
    }
    if (folded != small) free(folded);
    return e;
}

/* ---- from a text to its words, and to the windows of windows.py ------------------------------------------------- */

enum { READ, ASK, FAILED }; /* ASK: this text needs text.py, and with it the interpreter */

/* Give `*array` room for `n` items; what it held is lost. */
static int renew(void *array, size_t n, size_t size) {
    void **place = array;
    free(*place);
    return (*place = malloc(n * size)) ? 0 : -1;
}
static int make_room(Memory *m, size_t n) { /* for a text of n characters */
    size_t words = n / 2 + 2; /* at most; there is space between them */
    if (m->cache.used + words > m->limit) forget(m);
    if (words > m->limit) {
        table_free(&m->cache), m->limit = 0;
        if (table_init(&m->cache, words + 1)) return -1;
        m->limit = words;
    }
    if (n < m->text_room) return 0;
    m->text_room = 0;
    if (renew(&m->text, n + 1, sizeof *m->text) || renew(&m->words, words + 1, sizeof *m->words) ||
        renew(&m->sentences, 2 * words, sizeof *m->sentences)) return -1;
    m->text_room = n + 1;
    return 0;
}
static const Entry *remembered(Memory *m, const Kernel *k, const Py_UCS4 *typed, Py_ssize_t n, PyObject *pieces, int may_ask) {
    key_t64 key = hash(typed, n, SEED[PATTERN]);
    for (uint64_t found; (found = table_get(&m->cache, key, 0)); key = mix(key + 1)) {
        const Entry *e = (const Entry *)(uintptr_t)found;
        if (e->n_typed == n && !memcmp(e->typed, typed, n * sizeof *typed)) return e;
    }
    Entry *e = pieces ? entry_from_pieces(k, pieces, typed, n) : entry_of_word(k, typed, n, may_ask);
    if (e) table_put(&m->cache, key, (uintptr_t)e);
    return e;
}
static int read_words(const Kernel *k, Memory *m, const Py_UCS4 *text, Py_ssize_t n, int may_ask) {
    int run = 0; /* single letters, one space apart: text.py closes them up */
    m->n_words = 0;
    for (Py_ssize_t i = 0, j; i < n; i = j) {
        Word *before = m->n_words ? &m->words[m->n_words - 1] : NULL;
        if (Py_UNICODE_ISSPACE(text[j = i])) {
            if (before && text[i] == '\n') before->ends = 1;
            j++;
            continue;
        }
        while (j < n && !Py_UNICODE_ISSPACE(text[j])) j++;
        const Entry *e = remembered(m, k, text + i, j - i, NULL, may_ask);
        if (!e) return may_ask ? FAILED : ASK;
        run = !e->letter ? 0 : run && !before->ends && i == before->end + 1 ? run + 1 : 1;
        if (run == 3) return ASK;
        m->words[m->n_words++] = (Word){i, j, e, 0, e->ends};
    }
    return READ;
}
static int read_spelt(const Kernel *k, Memory *m, PyObject *string, const Py_UCS4 *text) { /* as text.py reads it */
    PyObject *words = PyObject_CallOneArg(k->read, string);
    m->n_words = 0;
    for (Py_ssize_t i = 0; words && i < PyList_Size(words); i++) {
        PyObject *word = PyList_GetItem(words, i); /* (start, end, pieces, ends) */
        Py_ssize_t start = PyLong_AsSsize_t(PyTuple_GetItem(word, 0)), end = PyLong_AsSsize_t(PyTuple_GetItem(word, 1));
        Py_ssize_t space = start;
        while (space < end && !Py_UNICODE_ISSPACE(text[space])) space++;
        PyObject *closed_up = space < end ? PyTuple_GetItem(word, 2) : NULL;
        const Entry *e = remembered(m, k, text + start, end - start, closed_up, 1);
        if (!e) { Py_DECREF(words); return FAILED; }
        m->words[m->n_words++] = (Word){start, end, e, 0, (uint8_t)PyObject_IsTrue(PyTuple_GetItem(word, 3))};
    }
    Py_XDECREF(words);
    return words ? READ : FAILED;
}

static int add_window(Memory *m, uint32_t first, uint32_t last, double handicap) {
    if (m->n_windows == m->windows_room) {
        uint32_t room = 2 * m->windows_room + 16;
        Window *windows = realloc(m->windows, room * sizeof *windows);
        if (!windows) return -1;
        m->windows = windows, m->windows_room = room;
    }
    m->windows[m->n_windows++] = (Window){first, last, handicap};
    return 0;
}
static int cut(Memory *m) {
    uint32_t (*s)[2] = (uint32_t(*)[2])m->sentences, n = 0, failed = 0;
    for (uint32_t first = 0, i = 0; i < m->n_words; i++) {
        if (!m->words[i].ends && i + 1 < m->n_words) continue;
        uint32_t last = i + 1;
        if (last - first <= WHOLE) s[n][0] = first, s[n++][1] = last;
        else for (uint32_t a = first; a < last - STRETCH / 2; a += STRETCH / 2)
            s[n][0] = a, s[n++][1] = a + STRETCH < last ? a + STRETCH : last;
        first = last;
    }
    m->n_windows = 0;
    if (n < 2) return add_window(m, 0, m->n_words, 0);
    if (m->n_words <= WHOLE) failed |= add_window(m, 0, m->n_words, 0);
    else for (uint32_t first = 0; first < n;) {
        uint32_t last = first, size = s[first][1] - s[first][0];
        while (last + 1 < n && size + s[last + 1][1] - s[last + 1][0] <= STRETCH) last++, size += s[last][1] - s[last][0];
        failed |= add_window(m, s[first][0], s[last][1], 0);
        if (last + 1 == n) break;
        first = last > first ? last : last + 1;
    }
    if (n > 2 || m->n_windows > 1)
        for (uint32_t i = 0; i + 1 < n; i++)
            if (s[i + 1][1] - s[i][0] <= STRETCH) failed |= add_window(m, s[i][0], s[i + 1][1], PAIR_HANDICAP);
    for (uint32_t i = 0; i < n; i++)
        if (s[i][1] - s[i][0] >= FEWEST) failed |= add_window(m, s[i][0], s[i][1], SENTENCE_HANDICAP);
    return failed ? -1 : 0;
}

/* ---- from windows to log-odds ------------------------------------------------------------------------------------ */

static inline uint32_t feature(const Kernel *k, key_t64 key) { return (uint32_t)table_get(&k->features, key, NONE); }

static int look_up_joints(const Kernel *k, Memory *m) {
    size_t n = 1;
    for (uint32_t i = 0; i < m->n_words; i++) n += m->words[i].entry->n_tokens;
    if (n > m->token_room) {
        m->token_room = 0;
        if (renew(&m->tokens, n, sizeof *m->tokens) || renew(&m->joints, n, sizeof *m->joints) ||
            renew(&m->found, 4 * n + 6, sizeof *m->found)) return -1;
        m->token_room = n;
    }
    m->n_tokens = 0;
    for (uint32_t i = 0; i < m->n_words; i++) {
        m->words[i].token = m->n_tokens;
        for (uint32_t t = 0; t < m->words[i].entry->n_tokens; t++) m->tokens[m->n_tokens++] = &m->words[i].entry->tokens[t];
    }
    m->words[m->n_words].token = m->n_tokens;
    for (uint32_t t = 0; t < m->n_tokens; t++) { /* first all keys, so that the look-ups need not wait for memory */
        key_t64 *keys = m->joints[t].keys, key = join(SEED[PATTERN], m->tokens[t]->symbol);
        uint32_t longest = m->n_tokens - t < PATTERN_HIGH ? m->n_tokens - t : PATTERN_HIGH;
        keys[0] = longest > 1 ? join(m->tokens[t]->key, m->tokens[t + 1]->key) : 0;
        PREFETCH(&k->features.tags[keys[0] & k->features.mask]);
        for (uint32_t size = PATTERN_LOW; size <= longest; size++) {
            keys[size - 1] = key = join(key, m->tokens[t + size - 1]->symbol);
            PREFETCH(&k->features.tags[key & k->features.mask]);
        }
    }
    for (uint32_t t = 0; t < m->n_tokens; t++) {
        Joint *j = &m->joints[t];
        uint32_t longest = m->n_tokens - t < PATTERN_HIGH ? m->n_tokens - t : PATTERN_HIGH;
        j->rows[0] = longest > 1 ? feature(k, j->keys[0]) : NONE;
        for (uint32_t size = PATTERN_LOW; size <= longest; size++) {
            j->rows[size - 1] = feature(k, j->keys[size - 1]);
            if (j->rows[size - 1] != NONE) PREFETCH(k->weights + (size_t)j->rows[size - 1] * HEADS);
        }
    }
    return 0;
}

/* Collect the pairs and patterns of the tokens a to b; `found` has room for 4 a token and 6 more. */
static uint32_t collect(const Kernel *k, Memory *m, uint32_t a, uint32_t b, Found *found) {
    uint32_t n = 0, length = b - a + 2; /* symbols: "<", one a token, ">" */
    m->n_pairs = 0;
    if (a == b) return 0;
    for (uint32_t t = a; t + 1 < b; t++)
        if (m->joints[t].rows[0] != NONE) found[n++] = (Found){m->joints[t].rows[0], t, t + 2};
    m->n_pairs = n;
    for (uint32_t t = a; t + 1 < b; t++)
        for (uint32_t size = PATTERN_LOW; size <= PATTERN_HIGH && t + size <= b; size++)
            if (m->joints[t].rows[size - 1] != NONE) found[n++] = (Found){m->joints[t].rows[size - 1], t, t + size};
    for (int at_end = 0; at_end < 2; at_end++)
        for (uint32_t size = PATTERN_LOW; size <= PATTERN_HIGH && size + at_end <= length; size++) {
            uint32_t from = at_end ? length - size : 0;
            key_t64 key = SEED[PATTERN];
            for (uint32_t i = from; i < from + size; i++)
                key = join(key, i == 0 ? k->begin : i + 1 == length ? k->end : m->tokens[a + i - 1]->symbol);
            uint32_t row = feature(k, key), first = from ? from - 1 : 0, last = from + size - 1;
            if (row != NONE) found[n++] = (Found){row, a + first, a + last < b ? a + last : b};
        }
    return n;
}
static inline int block_of(const Kernel *k, uint32_t row) { return (row >= k->until[WORD]) + (row >= k->until[CHARACTER]); }

/* Count one more of a feature in this window and return what that adds to the block's sum of squares. */
static inline double count(Memory *m, uint32_t row) {
    Seen *seen = &m->seen[row];
    if (seen->window != m->window) seen->window = m->window, seen->times = 0;
    double idf = seen->idf;
    return (2.0 * ++seen->times - 1.0) * idf * idf;
}
static void next_window(const Kernel *k, Memory *m) {
    if (++m->window) return;
    for (uint32_t row = 0; row < k->until[PATTERN]; row++) m->seen[row].window = 0; /* the numbers begin anew */
    m->window = 1;
}

/* Write the heads' log-odds of the words w->first to w->last. */
FAST static void score_window(const Kernel *k, Memory *m, const Window *w, double *log_odds) {
    Sums words, characters, patterns;
    double of_words = 0, of_characters = 0, of_patterns = 0; /* sums of squares */
    memset(&words, 0, sizeof words), memset(&characters, 0, sizeof words), memset(&patterns, 0, sizeof words);
    next_window(k, m);
    for (uint32_t i = w->first; i < w->last; i++) {
        const Entry *e = m->words[i].entry;
        uint32_t r = 0;
        ADD_FLOATS(words, e->sums[WORD]);
        ADD_FLOATS(characters, e->sums[CHARACTER]);
        for (; r < e->n_rows && e->rows[r] < k->until[WORD]; r++) of_words += count(m, e->rows[r]);
        for (; r < e->n_rows; r++) of_characters += count(m, e->rows[r]);
    }
    uint32_t n = collect(k, m, m->words[w->first].token, m->words[w->last].token, m->found), i = 0;
    for (; i < m->n_pairs; i++) { of_words += count(m, m->found[i].row); ADD_ROW(words, k, m->found[i].row); }
    for (; i < n; i++) { of_patterns += count(m, m->found[i].row); ADD_ROW(patterns, k, m->found[i].row); }
    double a = of_words > 0 ? 1 / sqrt(of_words) : 0, b = of_characters > 0 ? 1 / sqrt(of_characters) : 0;
    double c = of_patterns > 0 ? 1 / sqrt(of_patterns) : 0;
    for (int h = 0; h < HEADS; h++)
        log_odds[h] = k->bias[h] + a * ((double *)&words)[h] + b * ((double *)&characters)[h] + c * ((double *)&patterns)[h];
}

/* The second stage, as in joint.py: from the heads' log-odds to those of scores. */
FAST static void read_together(const Kernel *k, const double *heads, double *out) {
    double within[HEADS], standard[HEADS], sums[COLUMNS];
    memcpy(sums, k->joint_bias, sizeof sums);
    const double(*weights)[COLUMNS] = (const double(*)[COLUMNS])k->joint;
    for (int i = 0; i < HEADS; i++) {
        within[i] = heads[i] > MOST ? MOST : heads[i] < -MOST ? -MOST : heads[i];
        standard[i] = (within[i] - k->center[i]) / k->spread[i];
        for (int c = 0; c < COLUMNS; c++) sums[c] += standard[i] * weights[i][c];
    }
    weights += HEADS;
    for (int i = 0; i < HEADS; i++)
        for (int j = i; j < HEADS; j++, weights++) {
            double product = standard[i] * standard[j];
            for (int c = 0; c < COLUMNS; c++) sums[c] += product * (*weights)[c];
        }
    for (int i = 0; i < HEADS; i++, weights++) {
        double share = 1 / (1 + exp(-within[i]));
        for (int c = 0; c < COLUMNS; c++) sums[c] += share * (*weights)[c];
    }
    memcpy(out, sums, sizeof sums);
}

typedef struct { double *log_odds; int32_t *spans, *known, *words; } Readings; /* one text's rows of the results */

static int score_text(const Kernel *k, Memory *m, Readings out) {
    double best_whole = -INFINITY, heads[HEADS], log_odds[COLUMNS];
    if (look_up_joints(k, m)) return -1;
    memset(out.spans, 0, 2 * TACTICS * sizeof *out.spans);
    for (int c = 0; c < COLUMNS; c++) out.log_odds[c] = -INFINITY;
    for (uint32_t i = 0; i < m->n_windows; i++) {
        const Window *w = &m->windows[i];
        double strongest = -INFINITY;
        score_window(k, m, w, heads);
        read_together(k, heads, log_odds);
        for (int h = 0; h < TACTICS; h++) {
            double reached = log_odds[h] - w->handicap;
            if (log_odds[h] > strongest) strongest = log_odds[h];
            if (reached <= out.log_odds[h]) continue;
            out.log_odds[h] = reached;
            if (w->first == w->last) continue;
            out.spans[2 * h] = (int32_t)m->words[w->first].start, out.spans[2 * h + 1] = (int32_t)m->words[w->last - 1].end;
        }
        if (w->handicap > 0) continue;
        for (int h = TACTICS; h < TACTICS + 2; h++) /* acts: of the strongest whole */
            if (log_odds[h] > out.log_odds[h]) out.log_odds[h] = log_odds[h];
        if (strongest > best_whole) /* framing: of the whole where a tactic is strongest */
            best_whole = strongest, memcpy(out.log_odds + TACTICS + 2, log_odds + TACTICS + 2, (COLUMNS - TACTICS - 2) * sizeof *log_odds);
    }
    *out.known = *out.words = 0;
    for (uint32_t t = 0; t < m->n_tokens; t++) *out.known += m->tokens[t]->known, *out.words += m->tokens[t]->is_word;
    return 0;
}

/* Read and score one text; with may_ask the interpreter's lock is held and text.py can be asked. */
static int do_text(const Kernel *k, Memory *m, PyObject *string, int may_ask, Readings out) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(string);
    int kind = PyUnicode_KIND(string), status;
    const void *data = PyUnicode_DATA(string);
    if (make_room(m, (size_t)n)) goto failed;
    for (Py_ssize_t i = 0; i < n; i++) m->text[i] = PyUnicode_READ(kind, data, i);
    status = read_words(k, m, m->text, n, may_ask);
    if (status == ASK && may_ask) status = read_spelt(k, m, string, m->text);
    if (status != READ) return status;
    if (cut(m) || score_text(k, m, out)) goto failed;
    return READ;
failed:
    if (may_ask) PyErr_NoMemory();
    return may_ask ? FAILED : ASK;
}

/* ---- the module --------------------------------------------------------------------------------------------------- */

static Memory *borrow(Kernel *k) {
    Memory *m = k->spare;
    if (m) k->spare = m->next;
    else if (!(m = memory_new(k))) PyErr_NoMemory();
    return m;
}
static void give_back(Kernel *k, Memory *m) { m->next = k->spare, k->spare = m; }

/* score(texts, log_odds, spans, known, words): fill the rows of the four arrays, one row a text. */
static PyObject *kernel_score(Kernel *k, PyObject *args) {
    PyObject *texts;
    Py_buffer log_odds, spans, known, words;
    if (!PyArg_ParseTuple(args, "O!w*w*w*w*", &PyList_Type, &texts, &log_odds, &spans, &known, &words)) return NULL;
    Py_ssize_t n = PyList_GET_SIZE(texts);
    char *later = calloc((size_t)n + 1, 1);
    Memory *m = borrow(k);
    int fits = log_odds.len >= n * COLUMNS * 8 && spans.len >= n * TACTICS * 8 && known.len >= n * 4 && words.len >= n * 4;
    for (Py_ssize_t i = 0; fits && i < n; i++) fits = PyUnicode_Check(PyList_GET_ITEM(texts, i));
    if (!fits) PyErr_SetString(PyExc_TypeError, "score() wants a list of strings and arrays with a row for each");
    else if (!later) PyErr_NoMemory();
#define ROWS(i) (Readings){(double *)log_odds.buf + (i) * COLUMNS, (int32_t *)spans.buf + (i) * TACTICS * 2, \
                           (int32_t *)known.buf + (i), (int32_t *)words.buf + (i)}
    if (m && fits && later) {
        Py_BEGIN_ALLOW_THREADS /* the caller's list is its own: nobody else changes it */
        for (Py_ssize_t i = 0; i < n; i++) later[i] = do_text(k, m, PyList_GET_ITEM(texts, i), 0, ROWS(i)) == ASK;
        Py_END_ALLOW_THREADS
        for (Py_ssize_t i = 0; i < n; i++)
            if (later[i] && do_text(k, m, PyList_GET_ITEM(texts, i), 1, ROWS(i)) != READ) break;
    }
    if (m) give_back(k, m);
    free(later);
    PyBuffer_Release(&log_odds), PyBuffer_Release(&spans), PyBuffer_Release(&known), PyBuffer_Release(&words);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

/* occurrences(pieces): each known feature of one window of folded pieces: row, value, first and last piece. */
static PyObject *kernel_occurrences(Kernel *k, PyObject *pieces) {
    if (!PyList_Check(pieces)) return PyErr_SetString(PyExc_TypeError, "occurrences() wants a list of strings"), NULL;
    Py_ssize_t n = PyList_GET_SIZE(pieces), characters = 0;
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < n; i++) characters += PyUnicode_GetLength(PyList_GET_ITEM(pieces, i)) + 1;
    Memory *m = PyErr_Occurred() ? NULL : borrow(k);
    if (!m) return NULL;
    if (make_room(m, 2 * (size_t)characters)) { PyErr_NoMemory(); goto done; }
    m->n_words = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *piece = PyList_GET_ITEM(pieces, i);
        Py_UCS4 *text = PyUnicode_AsUCS4Copy(piece);
        Entry *e = text ? entry_new(k, text, PyUnicode_GetLength(piece), text, 0) : NULL;
        PyMem_Free(text);
        if (!e) { PyErr_NoMemory(); goto done; }
        m->words[m->n_words++] = (Word){0, 0, e, 0, 0};
    }
    if (look_up_joints(k, m)) { PyErr_NoMemory(); goto done; }
    uint32_t joint = collect(k, m, 0, m->n_tokens, m->found), total = joint;
    for (uint32_t i = 0; i < m->n_words; i++) total += m->words[i].entry->n_rows;
    double squares[BLOCKS] = {0};
    next_window(k, m);
    PyObject *rows = PyBytes_FromStringAndSize(NULL, total * 4), *values = PyBytes_FromStringAndSize(NULL, total * 8);
    PyObject *firsts = PyBytes_FromStringAndSize(NULL, total * 4), *lasts = PyBytes_FromStringAndSize(NULL, total * 4);
    if (rows && values && firsts && lasts) {
        uint32_t *row = (uint32_t *)PyBytes_AS_STRING(rows), at = 0;
        int32_t *first = (int32_t *)PyBytes_AS_STRING(firsts), *last = (int32_t *)PyBytes_AS_STRING(lasts);
        double *value = (double *)PyBytes_AS_STRING(values);
        for (uint32_t i = 0; i < m->n_words; i++)
            for (uint32_t r = 0; r < m->words[i].entry->n_rows; r++)
                row[at] = m->words[i].entry->rows[r], first[at] = (int32_t)i, last[at++] = (int32_t)i + 1;
        uint32_t w = 0;
        for (uint32_t i = 0; i < joint; i++, at++) {
            row[at] = m->found[i].row;
            for (w = 0; m->words[w + 1].token <= m->found[i].first; w++) {}
            first[at] = (int32_t)w;
            for (; m->words[w + 1].token < m->found[i].last; w++) {}
            last[at] = (int32_t)w + 1;
        }
        for (uint32_t i = 0; i < total; i++) squares[block_of(k, row[i])] += count(m, row[i]);
        for (uint32_t i = 0; i < total; i++) value[i] = k->idf[row[i]] / sqrt(squares[block_of(k, row[i])]);
        result = PyTuple_Pack(4, rows, values, firsts, lasts);
    }
    Py_XDECREF(rows), Py_XDECREF(values), Py_XDECREF(firsts), Py_XDECREF(lasts);
done:
    for (uint32_t i = 0; i < m->n_words; i++) free((Entry *)m->words[i].entry);
    give_back(k, m);
    return result;
}

static void kernel_dealloc(Kernel *k) {
    while (k->spare) {
        Memory *next = k->spare->next;
        memory_free(k->spare), k->spare = next;
    }
    table_free(&k->features), table_free(&k->symbols), table_free(&k->identity), free(k->factor), free(k->joint);
    Py_XDECREF(k->fold_word), Py_XDECREF(k->read), Py_XDECREF(k->owner);
    PyObject_Free(k);
}

/* Read one line of valid UTF-8 into `out`; a whole vocabulary as four bytes a character would be megabytes. */
static Py_ssize_t read_line(const unsigned char *line, Py_ssize_t bytes, Py_UCS4 *out) {
    Py_ssize_t n = 0;
    for (Py_ssize_t i = 0; i < bytes; n++) {
        int more = line[i] < 0x80 ? 0 : line[i] < 0xe0 ? 1 : line[i] < 0xf0 ? 2 : 3;
        out[n] = more ? line[i] & (0x3f >> more) : line[i];
        for (i++; more && i < bytes; more--, i++) out[n] = out[n] << 6 | (line[i] & 0x3f);
    }
    return n;
}

/* A name of the vocabulary to its key: words and character pieces by their characters, pairs and patterns by their parts. */
static key_t64 key_of(int block, const Py_UCS4 *name, Py_ssize_t length) {
    if (block == CHARACTER) return hash(name, length, SEED[CHARACTER]);
    key_t64 key = block == PATTERN ? SEED[PATTERN] : 0;
    for (Py_ssize_t i = 0, j; i < length; i = j + 1) {
        for (j = i; j < length && name[j] != ' ';) j++;
        key_t64 part = hash(name + i, j - i, SEED[WORD]);
        key = key ? join(key, part) : part;
    }
    return key;
}

/* Kernel(vocabulary, counts, classes, identity, idf, scales, weights, bias, joint, known_below, fold_word, read, owner);
 * joint: center, spread, bias and weights of the second stage, one after another. */
static PyObject *kernel_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs)) {
    PyObject *classes, *identity, *fold_word, *read, *owner;
    Py_buffer vocabulary, idf, scales, weights, bias, joint;
    double known_below;
    unsigned counts[BLOCKS];
    if (!PyArg_ParseTuple(args, "y*(III)UUy*y*y*y*y*dOOO", &vocabulary, &counts[0], &counts[1], &counts[2], &classes,
                          &identity, &idf, &scales, &weights, &bias, &joint, &known_below, &fold_word, &read, &owner)) return NULL;
    Kernel *k = PyObject_New(Kernel, type);
    Py_UCS4 *lines = PyUnicode_AsUCS4Copy(classes), *kinds = PyUnicode_AsUCS4Copy(identity), name[1024];
    const unsigned char *names = vocabulary.buf;
    size_t n = (size_t)counts[0] + counts[1] + counts[2];
    int failed = !k || !lines || !kinds;
    if (k) memset((char *)k + sizeof(PyObject), 0, sizeof *k - sizeof(PyObject));
    if (!failed && (idf.len != (Py_ssize_t)n * 4 || scales.len != idf.len || weights.len != (Py_ssize_t)n * HEADS || bias.len != HEADS * 8 ||
                    joint.len != (2 * HEADS + (INPUTS + 1) * COLUMNS) * 8))
        failed = 1, PyErr_SetString(PyExc_ValueError, "the arrays do not fit the counts");
    if (failed) goto done;
    Py_INCREF(fold_word), Py_INCREF(read), Py_INCREF(owner);
    k->fold_word = fold_word, k->read = read, k->owner = owner; /* the owner keeps idf and weights where they are */
    k->idf = idf.buf, k->weights = weights.buf, k->known_below = known_below;
    memcpy(k->bias, bias.buf, sizeof k->bias);
    const double *second = joint.buf;
    memcpy(k->center, second, sizeof k->center), second += HEADS;
    memcpy(k->spread, second, sizeof k->spread), second += HEADS;
    memcpy(k->joint_bias, second, sizeof k->joint_bias), second += COLUMNS;
    for (int b = 0, sum = 0; b < BLOCKS; b++) k->until[b] = sum += counts[b];
    failed = table_init(&k->features, n + 1) || table_init(&k->symbols, (size_t)PyUnicode_GetLength(classes) / 2 + 8) ||
             table_init(&k->identity, (size_t)PyUnicode_GetLength(identity) / 2 + 8) || !(k->factor = malloc((n + 1) * sizeof *k->factor)) ||
             !(k->joint = malloc(INPUTS * sizeof *k->joint));
    if (failed) { PyErr_NoMemory(); goto done; }
    memcpy(k->joint, second, INPUTS * sizeof *k->joint);
    for (size_t i = 0; i < n; i++) k->factor[i] = ((float *)scales.buf)[i] * k->idf[i];
    Py_ssize_t length = vocabulary.len;
    size_t row = 0;
    for (Py_ssize_t i = 0, j; i < length && row < n; i = j + 1, row++) {
        for (j = i; j < length && names[j] != '\n';) j++;
        int block = row < k->until[WORD] ? WORD : row < k->until[CHARACTER] ? CHARACTER : PATTERN;
        if (j - i > 1024 || table_put(&k->features, key_of(block, name, read_line(names + i, j - i, name)), row)) break;
    }
    if (row != n) { failed = 1, PyErr_SetString(PyExc_ValueError, "the vocabulary does not fit the counts"); goto done; }
    length = PyUnicode_GetLength(classes);
    Py_UCS4 symbol[16] = {'#'};
    for (Py_ssize_t i = 0, j, line = 0; i < length; i = j + 1) { /* words that stand for themselves, then a class a line */
        for (j = i; j < length && lines[j] != '\n' && lines[j] != ' ';) j++;
        key_t64 word = hash(lines + i, j - i, SEED[WORD]), stands_for = word;
        if (line) {
            char digits[16];
            int size = snprintf(digits, sizeof digits, "%zd", line);
            for (int d = 0; d < size; d++) symbol[d + 1] = (Py_UCS4)digits[d];
            stands_for = hash(symbol, size + 1, SEED[WORD]);
        }
        if (j > i) table_put(&k->symbols, word, stands_for);
        line += j < length && lines[j] == '\n';
    }
    const Py_UCS4 marks[] = {'?', '!', '<', '>', '#', '0'};
    for (int i = 0; i < 2; i++) table_put(&k->symbols, hash(marks + i, 1, SEED[WORD]), hash(marks + i, 1, SEED[WORD]));
    k->begin = hash(marks + 2, 1, SEED[WORD]), k->end = hash(marks + 3, 1, SEED[WORD]);
    k->unknown = hash(marks + 4, 1, SEED[WORD]), k->number = hash(marks + 4, 2, SEED[WORD]);
    length = PyUnicode_GetLength(identity);
    for (Py_ssize_t i = 0, j; i < length; i = j + 1) {
        for (j = i; j < length && kinds[j] != ' ';) j++;
        table_put(&k->identity, hash(kinds + i, j - i, SEED[WORD]), 1);
    }
done:
    PyMem_Free(lines), PyMem_Free(kinds);
    PyBuffer_Release(&vocabulary), PyBuffer_Release(&idf), PyBuffer_Release(&scales), PyBuffer_Release(&weights), PyBuffer_Release(&bias), PyBuffer_Release(&joint);
    if (failed && k) kernel_dealloc(k), k = NULL;
    return (PyObject *)k;
}

static PyMethodDef methods[] = {
    {"score", (PyCFunction)kernel_score, METH_VARARGS, "Fill arrays with the readings of a list of texts."},
    {"occurrences", (PyCFunction)kernel_occurrences, METH_O, "Return each known feature of a window, place by place."},
    {NULL, NULL, 0, NULL},
};
static PyTypeObject kernel_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "coercion_detect.scoring._compiled.Kernel",
    .tp_basicsize = sizeof(Kernel),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = kernel_new,
    .tp_dealloc = (destructor)kernel_dealloc,
    .tp_methods = methods,
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_compiled", "The compiled scorer.", -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__compiled(void) {
    PyObject *m = PyType_Ready(&kernel_type) ? NULL : PyModule_Create(&module);
    PyObject *constants = m ? Py_BuildValue("(iiiiiiiddd)", LOW, HIGH, PATTERN_LOW, PATTERN_HIGH, WHOLE, STRETCH, FEWEST,
                                            PAIR_HANDICAP, SENTENCE_HANDICAP, MOST) : NULL;
    if (m && (!constants || PyModule_AddObjectRef(m, "CONSTANTS", constants) ||
              PyModule_AddObjectRef(m, "Kernel", (PyObject *)&kernel_type))) Py_CLEAR(m);
    Py_XDECREF(constants);
    return m;
}
