/* From a typed word to what it adds to a score, and from a text to its words.
 *
 * Most words of a message have been seen before: what a typed word folds to and what its features add up to is worked
 * out once and remembered. Folding is defined in text.py. Plain words (ASCII letters with marks around them) are folded
 * here; all others are handed to text.py once and then remembered. */

#define CACHED 65536 /* words, about 300 bytes each, before remembering starts anew */
#define PLACES 257   /* of one more than so many words sums are held at a time; no window has as many */
enum { READ, ASK, FAILED }; /* ASK: this text needs text.py, and with it the interpreter */

typedef struct { key_t64 key, symbol; uint8_t is_word, known; } Token;

typedef struct { /* what is remembered of one typed word */
    _Alignas(64) float heads[2][HEADS]; /* what its words and its character pieces add */
    float squares[2];
    uint32_t n_tokens, n_typed;
    uint8_t ends, letter;
    Py_UCS4 *typed; /* to tell it from another word with the same key; these two lie behind the entry */
    Token *tokens;
} Entry;

typedef struct { Py_ssize_t start, end; key_t64 key; const Entry *entry; uint32_t token; uint8_t ends, bounds; } Word; /* bounds: a window begins or ends before it */
typedef struct { const Feature *at[PATTERN_HIGH]; } Joint; /* what begins at one token: its pair, its patterns by size; or NULL */
typedef struct { /* between two words where a window can begin or end: sums of all before; what such a window gains in patterns */
    Sum before[BLOCKS], begins, ends, pair; /* pair: of the words on both sides */
    key_t64 keys[2][PATTERN_HIGH - 1];      /* of the patterns that begin, and of those that end with such a window */
    const Feature *guesses[2][PATTERN_HIGH - 1];
    uint8_t has_begins, has_ends;
} Place;
typedef struct { uint32_t first, last; double handicap; } Window;
typedef struct { const Feature *feature; uint32_t first, last; int block; } Found; /* over the tokens first to last (exclusive) */

typedef struct Memory { /* one thread's: the words it remembers, and the text it is at */
    struct Memory *next;
    Map entries;
    Py_UCS4 *text;
    Word *words;
    Place *places; /* before the words from_word to to_word, where these bound a window */
    const Token **tokens;
    Joint *joints;
    const Feature **pairs, **patterns; /* those of a stretch of words that are known */
    key_t64 (*keys)[PATTERN_HIGH];
    uint32_t *sentences, n_words, n_tokens, n_windows, windows_room, from_word, to_word;
    size_t limit, text_room, token_room; /* words remembered; characters of a text; its tokens */
    Window *windows;
} Memory;

/* Give `*array` room for `n` items; what it held is lost. */
static int renew(void *array, size_t n, size_t size) {
    void **place = array;
    free(*place);
    return (*place = aligned_alloc(64, (n * size + 63) / 64 * 64)) ? 0 : -1;
}
static void forget(Memory *m) {
    for (size_t i = 0; i <= m->entries.mask; i++) free((Entry *)(uintptr_t)m->entries.at[i].value);
    memset(m->entries.at, 0, (m->entries.mask + 1) * sizeof *m->entries.at), m->entries.used = 0;
}
static void memory_free(Memory *m) {
    if (m->entries.at) forget(m);
    free(m->entries.at), free(m->text), free(m->words), free(m->places), free(m->tokens), free(m->joints), free(m->keys);
    free(m->pairs), free(m->patterns);
    free(m->sentences), free(m->windows), free(m);
}
static Memory *memory_new(void) {
    Memory *m = calloc(1, sizeof *m);
    if (m && (map_init(&m->entries, CACHED) || renew(&m->places, PLACES, sizeof *m->places))) return memory_free(m), NULL;
    if (m) m->limit = CACHED;
    return m;
}

static INLINE void add_entry(Sum *sums, const Entry *e) { /* to the sums of words and of character pieces */
    for (int b = 0; b < 2; b++) {
        for (int half = 0; half < HALVES; half++) ADD_FLOATS(sums[b].heads[half], e->heads[b] + 8 * half);
        sums[b].squares += e->squares[b];
    }
}

/* ---- what a folded word has ---------------------------------------------------------------------------------------- */

static int is_mark(Py_UCS4 c) { return c == '?' || c == '!'; }

/* Find the tokens of folded pieces, which lie one after another in `text` with a space between: runs of letters and
 * digits, "?" and "!". `features` has each token's own, or NULL. */
static size_t find_tokens(const Kernel *k, const Py_UCS4 *text, Py_ssize_t length, Token *tokens, const Feature **features) {
    size_t n = 0;
    for (Py_ssize_t i = 0, j; i < length; i = j) {
        for (j = i; j < length && Py_UNICODE_ISALNUM(text[j]);) j++;
        int marks = j == i && is_mark(text[i]), digits = 1;
        if (j == i && !marks) { j++; continue; }
        j += marks;
        for (Py_ssize_t d = i; d < j; d++) digits &= Py_UNICODE_ISDECIMAL(text[d]);
        key_t64 key = hash(text + i, j - i, SEED[WORD]);
        const Feature *f = features[n] = features_find(&k->features, key);
        tokens[n++] = (Token){key, map_get(&k->symbols, key, digits ? k->number : k->unknown), !marks, !marks && f && f->idf < k->known_below};
    }
    return n;
}

/* Find the known character pieces of each chunk, padded with spaces; `padded` has room for two characters more. */
static size_t find_characters(const Kernel *k, const Py_UCS4 *text, Py_ssize_t length, Py_UCS4 *padded, const Feature **features) {
    size_t n = 0;
    for (Py_ssize_t i = 0, j; i < length; i = j + 1) {
        for (j = i; j < length && text[j] != ' ';) j++;
        Py_ssize_t size = j - i + 2;
        if (size == 2) continue;
        padded[0] = padded[size - 1] = ' ', memcpy(padded + 1, text + i, (j - i) * sizeof *text);
        for (Py_ssize_t width = LOW; width <= HIGH; width++) {
            for (Py_ssize_t at = 0; at == 0 || at + width <= size; at++) {
                features[n] = features_find(&k->features, hash(padded + at, width < size ? width : size, SEED[CHARACTER]));
                n += features[n] != NULL;
            }
            if (size <= width) break;
        }
    }
    return n;
}

/* Make the entry of a typed word from its folded pieces. */
FAST static Entry *entry_new(const Kernel *k, const Py_UCS4 *text, Py_ssize_t length, const Py_UCS4 *typed, Py_ssize_t n) {
    size_t tokens_at = (sizeof(Entry) + n * sizeof *typed + 7) / 8 * 8;
    Token *tokens = malloc((length + 1) * sizeof *tokens);
    const Feature **features = malloc((9 * length + 16) * sizeof *features);
    Py_UCS4 *padded = malloc((length + 2) * sizeof *padded);
    Entry *e = NULL;
    Sum sums[2];
    memset(sums, 0, sizeof sums);
    if (tokens && features && padded) {
        size_t n_tokens = find_tokens(k, text, length, tokens, features);
        for (size_t i = 0; i < n_tokens; i++)
            if (features[i]) add_feature(&sums[WORD], features[i], 1);
        size_t n_characters = find_characters(k, text, length, padded, features);
        for (size_t i = 0; i < n_characters; i++) add_feature(&sums[CHARACTER], features[i], 1);
        if ((e = aligned_alloc(64, (tokens_at + n_tokens * sizeof *tokens + 63) / 64 * 64))) {
            memset(e, 0, sizeof *e);
            for (int b = 0; b < 2; b++) {
                for (int h = 0; h < HEADS; h++) e->heads[b][h] = (float)head_of(&sums[b], h);
                e->squares[b] = (float)sums[b].squares;
            }
            e->n_tokens = (uint32_t)n_tokens, e->n_typed = (uint32_t)n;
            e->typed = memcpy(e + 1, typed, n * sizeof *typed);
            e->tokens = memcpy((char *)e + tokens_at, tokens, n_tokens * sizeof *tokens);
        }
    }
    free(tokens), free(features), free(padded);
    return e;
}

/* ---- folding ------------------------------------------------------------------------------------------------------- */

static inline int is_letter(Py_UCS4 c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* Fold a plain word into `out`, pieces with a space between; -1 where text.py has to say what it folds to. */
static Py_ssize_t fold_plain(const Kernel *k, const Py_UCS4 *typed, Py_ssize_t n, Py_UCS4 *out) {
    Py_ssize_t length = 0, lone = 0, piece = 0, run = 0;
    int letters = 0, digits = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = typed[i], next = i + 1 < n ? typed[i + 1] : 0;
        if (c <= ' ' || c >= 127 || strchr("*#@$%^`", (int)c)) return -1;
        if (c >= 'A' && c <= 'Z') c += 32;
        int letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9', more = is_letter(next) || (next >= '0' && next <= '9');
        letters |= letter, digits |= digit;
        if (letter || digit) {
            if (length >= 2 && piece >= 2 && letter && out[length - 1] == c && out[length - 2] == c) return -1;
            out[length++] = c, piece++, run++;
        }
        if (run && !((letter || digit) && more)) { /* a run of letters and digits ends: is it one of text.py's kinds? */
            if (map_get(&k->identity, hash(out + length - run, run, SEED[WORD]), 0)) return -1;
            lone += run == 1, run = 0;
        }
        if (letter || digit) continue;
        if (c == '\'' && i > 0 && is_letter(typed[i - 1]) && is_letter(next)) continue; /* don't is dont */
        if (c == '!' && more) return -1;
        if (length && out[length - 1] != ' ') out[length++] = ' ';
        piece = 0;
        if (is_mark(c)) {
            out[length++] = c, out[length++] = ' ';
            while (i + 1 < n && is_mark(typed[i + 1])) i++;
            if (i + 1 < n && typed[i] == '!' && is_letter(typed[i + 1])) return -1;
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

/* Make an entry of what text.py folded a word to: pieces (text, start, end). */
static Entry *entry_from_pieces(const Kernel *k, PyObject *pieces, const Py_UCS4 *typed, Py_ssize_t n) {
    PyObject *texts = PyList_New(0), *space = PyUnicode_FromString(" "), *joined = NULL;
    int failed = !texts || !space;
    for (Py_ssize_t i = 0; !failed && i < PyTuple_Size(pieces); i++)
        failed = PyList_Append(texts, PyTuple_GetItem(PyTuple_GetItem(pieces, i), 0));
    Py_UCS4 *folded = !failed && (joined = PyUnicode_Join(space, texts)) ? PyUnicode_AsUCS4Copy(joined) : NULL;
    Entry *e = folded ? entry_new(k, folded, PyUnicode_GetLength(joined), typed, n) : NULL;
    if (folded && !e) PyErr_NoMemory();
    PyMem_Free(folded);
    Py_XDECREF(texts), Py_XDECREF(space), Py_XDECREF(joined);
    return e;
}
static Entry *entry_of_word(const Kernel *k, const Py_UCS4 *typed, Py_ssize_t n, int may_ask) {
    Py_UCS4 small[192] = {0}, *folded = n <= 60 ? small : malloc((3 * n + 3) * sizeof *folded);
    Py_ssize_t length = folded ? fold_plain(k, typed, n, folded) : -1;
    Entry *e = NULL;
    if (length >= 0) {
        if ((e = entry_new(k, folded, length, typed, n)))
            e->ends = ends_sentence(typed, n), e->letter = n == 1 && length == 1 && Py_UNICODE_ISALPHA(typed[0]);
        else if (may_ask) PyErr_NoMemory();
    } else if (may_ask) {
        PyObject *word = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, typed, n), *answer = NULL; /* pieces, ends, letter */
        if (word && (answer = PyObject_CallOneArg(k->fold_word, word)) && (e = entry_from_pieces(k, PyTuple_GetItem(answer, 0), typed, n)))
            e->ends = PyObject_IsTrue(PyTuple_GetItem(answer, 1)), e->letter = PyObject_IsTrue(PyTuple_GetItem(answer, 2));
        Py_XDECREF(word), Py_XDECREF(answer);
    }
    if (folded != small) free(folded);
    return e;
}

/* ---- from a text to its words -------------------------------------------------------------------------------------- */

static int make_room(Memory *m, size_t n) { /* for a text of n characters */
    size_t words = n / 2 + 2; /* at most; there is space between them */
    if (m->entries.used + words > m->limit) forget(m);
    if (words > m->limit) {
        free(m->entries.at), m->limit = 0;
        if (map_init(&m->entries, words + 1)) return -1;
        m->limit = words;
    }
    if (n < m->text_room) return 0;
    m->text_room = 0;
    if (renew(&m->text, n + 1, sizeof *m->text) || renew(&m->words, words + 1, sizeof *m->words) ||
        renew(&m->sentences, 2 * words, sizeof *m->sentences)) return -1;
    m->text_room = n + 1;
    return 0;
}
static const Entry *remembered(Memory *m, const Kernel *k, const Py_UCS4 *typed, Py_ssize_t n, key_t64 key, PyObject *pieces, int may_ask) {
    for (uint64_t found; (found = map_get(&m->entries, key, 0)); key = mix(key + 1)) {
        const Entry *e = (const Entry *)(uintptr_t)found;
        if (e->n_typed == n && !memcmp(e->typed, typed, n * sizeof *typed)) return e;
    }
    Entry *e = pieces ? entry_from_pieces(k, pieces, typed, n) : entry_of_word(k, typed, n, may_ask);
    if (e) map_put(&m->entries, key, (uintptr_t)e);
    return e;
}

/* Find the words of a text. All are found before the first is looked up, so that memory is at hand when it is needed. */
static int read_words(const Kernel *k, Memory *m, const Py_UCS4 *text, Py_ssize_t n, int may_ask) {
    int run = 0; /* single letters, one space apart: text.py closes them up */
    m->n_words = 0;
    for (Py_ssize_t i = 0, j; i < n; i = j) {
        if (Py_UNICODE_ISSPACE(text[j = i])) {
            if (m->n_words && text[i] == '\n') m->words[m->n_words - 1].ends = 1;
            j++;
            continue;
        }
        while (j < n && !Py_UNICODE_ISSPACE(text[j])) j++;
        key_t64 key = hash(text + i, j - i, SEED[PATTERN]);
        PREFETCH(&m->entries.at[key & m->entries.mask]);
        m->words[m->n_words++] = (Word){i, j, key, NULL, 0, 0, 0};
    }
    for (uint32_t i = 0; i < m->n_words; i++) {
        const Entry *e = (const Entry *)(uintptr_t)map_get(&m->entries, m->words[i].key, 0);
        if (e) PREFETCH(e), PREFETCH(&e->heads[1]), PREFETCH(&e->squares), PREFETCH((char *)&e->squares + 64);
    }
    for (uint32_t i = 0; i < m->n_words; i++) {
        Word *w = &m->words[i];
        w->entry = remembered(m, k, text + w->start, w->end - w->start, w->key, NULL, may_ask);
        if (!w->entry) return may_ask ? FAILED : ASK;
        run = !w->entry->letter ? 0 : run && !w[-1].ends && w->start == w[-1].end + 1 ? run + 1 : 1;
        if (run == 3) return ASK;
        w->ends |= w->entry->ends;
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
        key_t64 key = hash(text + start, end - start, SEED[PATTERN]);
        const Entry *e = remembered(m, k, text + start, end - start, key, closed_up, 1);
        if (!e) { Py_DECREF(words); return FAILED; }
        m->words[m->n_words++] = (Word){start, end, key, e, 0, (uint8_t)PyObject_IsTrue(PyTuple_GetItem(word, 3)), 0};
    }
    Py_XDECREF(words);
    return words ? READ : FAILED;
}
