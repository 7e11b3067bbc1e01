/* From a typed word to what it adds to a score, and from a text to its words.
 *
 * Most words of a message have been seen before: what a typed word folds to and what its features add up to is worked
 * out once and remembered. Folding is defined in text.py. Plain words (ASCII letters with marks around them) are folded
 * here; all others are handed to text.py once and then remembered. */

#define CACHED 65536 /* words, about 220 bytes each, before remembering starts anew */
#define ARENA 65472  /* bytes of entries that are taken from the system at a time */
#define ROOM (32 << 20) /* bytes of entries before it starts anew as well: twice what so many usual words take; some are long */
#define PLACES 257   /* of one more than so many words sums are held at a time; no window has as many */
enum { READ, ASK, FAILED }; /* ASK: this text needs text.py, and with it the interpreter */

typedef struct { key_t64 key, symbol; } Token;

typedef struct { /* what is remembered of one typed word */
    _Alignas(64) float heads[2][HEADS]; /* what its words and its character pieces add */
    float squares[2];
    uint32_t n_tokens, n_words, n_known, n_typed : 30, ends : 1, letter : 1;
    Token tokens[]; /* and behind them what was typed, to tell it from another word with the same key */
} Entry;

typedef struct {
    Py_ssize_t start, end;
    key_t64 key;
    const Entry *entry;
    uint32_t token, pair, pattern; /* its first token; if it bounds, the first pair and pattern that begin there or later */
    uint8_t ends, bounds;          /* bounds: a window begins or ends before it */
} Word;
typedef struct { /* between two words where a window can begin or end: sums of all before; what such a window gains in patterns */
    Sum before[BLOCKS], begins, ends, pair; /* pair: of the words on both sides */
    Sought edges[2][PATTERN_HIGH - 1];      /* the patterns that begin, and those that end with such a window */
    size_t n_edges[2];
    uint8_t has_begins, has_ends;
} Place;
typedef struct { uint32_t first, last; double handicap; } Window;

typedef struct Chunk { _Alignas(64) struct Chunk *next; } Chunk; /* of entries, which lie behind it */
typedef struct { Chunk *chunks; char *free; size_t left, room; /* in this chunk, and of all */ } Arena;

typedef struct Memory { /* one thread's: the words it remembers, and the text it is at */
    struct Memory *next;
    Map entries;
    Arena arena;
    Py_UCS4 *text;
    Word *words;
    Place *places; /* before the words from_word to to_word, where these bound a window */
    Token *tokens;
    Sought *pairs, *patterns; /* of neighbouring tokens; while a word is entered, its words and its character pieces */
    uint32_t *sentences, n_words, n_tokens, n_pairs, n_patterns, n_windows, windows_room, from_word, to_word;
    size_t limit, text_room, token_room; /* words remembered; characters of a text; its tokens */
    Window *windows;
} Memory;

/* Give `*array` room for `n` items; what it held is lost. */
static int renew(void *array, size_t n, size_t size) {
    void **place = array;
    free(*place);
    return (*place = aligned_alloc(64, (n * size + 63) / 64 * 64)) ? 0 : -1;
}
/* Make room for n tokens and for what may begin at them; what was there is lost. */
static int make_token_room(Memory *m, size_t n) {
    if (n <= m->token_room) return 0;
    m->token_room = 0;
    if (renew(&m->tokens, n, sizeof *m->tokens) || renew(&m->pairs, n, sizeof *m->pairs) ||
        renew(&m->patterns, (PATTERN_HIGH - 1) * n, sizeof *m->patterns)) return -1;
    m->token_room = n;
    return 0;
}
static void *arena_take(Arena *a, size_t size) {
    size = (size + 63) / 64 * 64;
    if (size > a->left) {
        size_t room = size > ARENA ? size : ARENA;
        Chunk *chunk = aligned_alloc(64, sizeof *chunk + room);
        if (!chunk) return NULL;
        chunk->next = a->chunks, *a = (Arena){chunk, (char *)(chunk + 1), room, a->room + room};
    }
    a->free += size, a->left -= size;
    return a->free - size;
}
static void arena_return(Arena *a, Arena before) { /* what was taken since */
    for (Chunk *next; a->chunks != before.chunks; a->chunks = next) next = a->chunks->next, free(a->chunks);
    *a = before;
}
static void forget(Memory *m) {
    arena_return(&m->arena, (Arena){0});
    memset(m->entries.at, 0, (m->entries.mask + 1) * sizeof *m->entries.at), m->entries.used = 0;
}
static void memory_free(Memory *m) {
    if (m->entries.at) forget(m);
    free(m->entries.at), free(m->text), free(m->words), free(m->places), free(m->tokens), free(m->pairs), free(m->patterns);
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
 * digits, "?" and "!". Seek those from character to character. */
static size_t find_tokens(const Kernel *k, const Py_UCS4 *text, Py_ssize_t length, Token *tokens, Sought *sought) {
    size_t n = 0;
    for (Py_ssize_t i = 0, j; i < length; i = j) {
        for (j = i; j < length && Py_UNICODE_ISALNUM(text[j]);) j++;
        int marks = j == i && is_mark(text[i]), digits = 1;
        if (j == i && !marks) { j++; continue; }
        j += marks;
        for (Py_ssize_t d = i; d < j; d++) digits &= Py_UNICODE_ISDECIMAL(text[d]);
        key_t64 key = hash(text + i, j - i, SEED[WORD]);
        PREFETCH(&k->symbols.at[key & k->symbols.mask]);
        sought[n] = seek(&k->features, key, (uint32_t)i, (uint32_t)j);
        tokens[n++] = (Token){key, digits ? k->number : k->unknown};
    }
    return n;
}

/* Seek the character pieces of each piece, with the spaces around it: there is one before the text and one after it. */
static size_t find_characters(const Kernel *k, const Py_UCS4 *text, Py_ssize_t length, Sought *sought) {
    size_t n = 0;
    for (Py_ssize_t i = 0, j; i < length; i = j + 1) {
        for (j = i; j < length && text[j] != ' ';) j++;
        Py_ssize_t size = j - i + 2;
        if (size == 2) continue;
        for (Py_ssize_t width = LOW; width <= HIGH; width++) {
            for (Py_ssize_t at = 0; at == 0 || at + width <= size; at++)
                sought[n++] = seek(&k->features, hash(text + i - 1 + at, width < size ? width : size, SEED[CHARACTER]), 0, 0);
            if (size <= width) break;
        }
    }
    return n;
}

/* Make the entry of a typed word from its folded pieces, with a space before and after them. */
FAST static Entry *entry_new(const Kernel *k, Memory *m, const Py_UCS4 *text, Py_ssize_t length, const Py_UCS4 *typed, Py_ssize_t n) {
    const Features *f = &k->features;
    Sum sums[2];
    if (make_token_room(m, (size_t)length + 1)) return NULL;
    size_t n_tokens = find_tokens(k, text, length, m->tokens, m->pairs), n_characters = find_characters(k, text, length, m->patterns);
    Entry *e = arena_take(&m->arena, offsetof(Entry, tokens) + n_tokens * sizeof *e->tokens + n * sizeof *typed);
    if (!e) return NULL;
    memset(e, 0, offsetof(Entry, tokens)), memset(sums, 0, sizeof sums);
    e->n_tokens = (uint32_t)n_tokens, e->n_typed = (uint32_t)n;
    memcpy(e->tokens + n_tokens, typed, n * sizeof *typed);
    for (size_t i = 0; i < n_tokens; i++) e->n_words += !is_mark(text[m->pairs[i].first]);
    m->n_pairs = guess(f, m->pairs, n_tokens), m->n_patterns = guess(f, m->patterns, n_characters);
    for (size_t i = 0; i < n_tokens; i++)
        e->tokens[i] = (Token){m->tokens[i].key, map_get(&k->symbols, m->tokens[i].key, m->tokens[i].symbol)};
    m->n_pairs = confirm(f, m->pairs, m->n_pairs), m->n_patterns = confirm(f, m->patterns, m->n_patterns);
    for (size_t i = 0; i < m->n_pairs; i++) {
        const Feature *word = m->pairs[i].feature;
        add_feature(&sums[WORD], word, 1), e->n_known += word->idf < k->known_below && !is_mark(text[m->pairs[i].first]);
    }
    for (size_t i = 0; i < m->n_patterns; i++) add_feature(&sums[CHARACTER], m->patterns[i].feature, 1);
    for (int b = 0; b < 2; b++) {
        for (int h = 0; h < HEADS; h++) e->heads[b][h] = (float)head_of(&sums[b], h);
        e->squares[b] = (float)sums[b].squares;
    }
    return e;
}

/* ---- folding ------------------------------------------------------------------------------------------------------- */

static inline int is_letter(Py_UCS4 c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/* Fold a plain word into `out`, at most four times as long, pieces with a space between; -1 where text.py has to say what
 * it folds to. */
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
        if (run && !((letter || digit) && more)) { /* a run of letters and digits ends: is it read as its kind? */
            uint64_t kind = map_get(&k->identity, hash(out + length - run, run, SEED[WORD]), 0);
            Py_ssize_t size = kind ? (Py_ssize_t)(kind % KIND) : run;
            if (size > 3 * run + 1) return -1;
            if (kind) memcpy(out + length - run, k->kinds + kind / KIND, size * sizeof *out);
            length += size - run, piece += size - run, lone += run == 1, run = 0;
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
static Entry *entry_from_pieces(const Kernel *k, Memory *m, PyObject *pieces, const Py_UCS4 *typed, Py_ssize_t n) {
    PyObject *nothing = PyUnicode_New(0, 0), *space = PyUnicode_FromString(" "), *texts = PyList_New(0), *joined = NULL;
    int failed = !texts || !space || !nothing || PyList_Append(texts, nothing);
    for (Py_ssize_t i = 0; !failed && i < PyTuple_Size(pieces); i++)
        failed = PyList_Append(texts, PyTuple_GetItem(PyTuple_GetItem(pieces, i), 0));
    failed = failed || PyList_Append(texts, nothing); /* nothing, and so a space, on both sides */
    Py_UCS4 *folded = !failed && (joined = PyUnicode_Join(space, texts)) ? PyUnicode_AsUCS4Copy(joined) : NULL;
    Entry *e = folded ? entry_new(k, m, folded + 1, PyUnicode_GetLength(joined) - 2, typed, n) : NULL;
    if (folded && !e) PyErr_NoMemory();
    PyMem_Free(folded);
    Py_XDECREF(texts), Py_XDECREF(space), Py_XDECREF(nothing), Py_XDECREF(joined);
    return e;
}
static Entry *entry_of_word(const Kernel *k, Memory *m, const Py_UCS4 *typed, Py_ssize_t n, int may_ask) {
    Py_UCS4 small[192] = {0}, *folded = n <= 45 ? small : malloc((4 * n + 8) * sizeof *folded);
    Py_ssize_t length = folded ? fold_plain(k, typed, n, folded + 1) : -1;
    Entry *e = NULL;
    if (length >= 0) {
        folded[0] = folded[length + 1] = ' ';
        if ((e = entry_new(k, m, folded + 1, length, typed, n)))
            e->ends = ends_sentence(typed, n), e->letter = n == 1 && length == 1 && Py_UNICODE_ISALPHA(typed[0]);
        else if (may_ask) PyErr_NoMemory();
    } else if (may_ask) {
        PyObject *word = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, typed, n), *answer = NULL; /* pieces, ends, letter */
        if (word && (answer = PyObject_CallOneArg(k->fold_word, word)) && (e = entry_from_pieces(k, m, PyTuple_GetItem(answer, 0), typed, n)))
            e->ends = PyObject_IsTrue(PyTuple_GetItem(answer, 1)), e->letter = PyObject_IsTrue(PyTuple_GetItem(answer, 2));
        Py_XDECREF(word), Py_XDECREF(answer);
    }
    if (folded != small) free(folded);
    return e;
}

/* ---- from a text to its words -------------------------------------------------------------------------------------- */

static int make_room(Memory *m, size_t n) { /* for a text of n characters */
    size_t words = n / 2 + 2; /* at most; there is space between them */
    if (m->entries.used + words > m->limit || m->arena.room > ROOM) forget(m);
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
        if (e->n_typed == n && !memcmp(e->tokens + e->n_tokens, typed, n * sizeof *typed)) return e;
    }
    Entry *e = pieces ? entry_from_pieces(k, m, pieces, typed, n) : entry_of_word(k, m, typed, n, may_ask);
    if (e) map_put(&m->entries, key, (uintptr_t)e);
    return e;
}

/* Find the words of a text. All are found before the first is looked up, so that memory is at hand when it is needed. */
static int read_words(const Kernel *k, Memory *m, const Py_UCS4 *text, Py_ssize_t n, int may_ask) {
    int run = 0; /* single letters, one space apart: text.py closes them up */
    m->n_words = 0;
    for (Py_ssize_t i = 0, j; i < n; i = j + 1) {
        key_t64 key = SEED[PATTERN]; /* of the characters up to a space */
        for (j = i; j < n && !Py_UNICODE_ISSPACE(text[j]); j++) key = hash_on(key, text[j]);
        if (j > i) {
            key = mix(key);
            PREFETCH(&m->entries.at[key & m->entries.mask]);
            m->words[m->n_words++] = (Word){.start = i, .end = j, .key = key};
        }
        if (j < n && text[j] == '\n' && m->n_words) m->words[m->n_words - 1].ends = 1;
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
        m->words[m->n_words++] = (Word){start, end, key, e, 0, 0, 0, (uint8_t)PyObject_IsTrue(PyTuple_GetItem(word, 3)), 0};
    }
    Py_XDECREF(words);
    return words ? READ : FAILED;
}
