/* The compiled scorer: the numbers of scoring/readable.py, many times as fast. This is its door to Python.
 *
 * _keys.h     n-grams as 64-bit keys, the tables that find them, the model
 * _words.h    what a typed word adds, worked out once and remembered
 * _windows.h  windows as differences of sums, the second stage
 *
 * Everything that will be looked up is known some steps before it is needed, and asked of the memory then. That an unknown
 * n-gram is taken for a known one is less likely than 1 in 10^11 a look-up. tests/scoring/test_compiled.py compares with
 * the readable scorer, word by word. */

#include "_keys.h"
#include "_words.h"
#include "_windows.h"

/* Read and score one text; with may_ask the interpreter's lock is held and text.py can be asked. */
static int do_text(const Kernel *k, Memory *m, PyObject *string, int may_ask, Readings out) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(string);
    int kind = PyUnicode_KIND(string), status;
    const void *data = PyUnicode_DATA(string);
    if (make_room(m, (size_t)n)) goto failed;
    if (kind == PyUnicode_1BYTE_KIND) for (Py_ssize_t i = 0; i < n; i++) m->text[i] = ((const Py_UCS1 *)data)[i];
    else for (Py_ssize_t i = 0; i < n; i++) m->text[i] = PyUnicode_READ(kind, data, i);
    status = read_words(k, m, m->text, n, may_ask);
    if (status == ASK && may_ask) status = read_spelt(k, m, string, m->text);
    if (status != READ) return status;
    if (score_text(k, m, out)) goto failed;
    return READ;
failed:
    if (may_ask) PyErr_NoMemory();
    return may_ask ? FAILED : ASK;
}

/* ---- the module --------------------------------------------------------------------------------------------------- */

static Memory *borrow(Kernel *k) {
    Memory *m = k->spare;
    if (m) k->spare = m->next;
    else if (!(m = memory_new())) PyErr_NoMemory();
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

typedef struct { const Feature *feature; uint32_t first, last; int block; } Found; /* over the tokens first to last (exclusive) */

/* Lay out what was found as four columns: row, value, first and last piece. */
static PyObject *columns_of(const Found *found, Py_ssize_t n) {
    PyObject *columns[4];
    double squares[BLOCKS] = {0};
    for (int c = 0; c < 4; c++) columns[c] = PyBytes_FromStringAndSize(NULL, n * (c == 1 ? 8 : 4));
    if (columns[0] && columns[1] && columns[2] && columns[3]) {
        int32_t *row = (int32_t *)PyBytes_AS_STRING(columns[0]), *first = (int32_t *)PyBytes_AS_STRING(columns[2]);
        int32_t *last = (int32_t *)PyBytes_AS_STRING(columns[3]);
        double *value = (double *)PyBytes_AS_STRING(columns[1]);
        for (Py_ssize_t i = 0; i < n; i++) squares[found[i].block] += (double)found[i].feature->idf * found[i].feature->idf;
        for (Py_ssize_t i = 0; i < n; i++) {
            row[i] = (int32_t)row_of(found[i].feature), first[i] = (int32_t)found[i].first, last[i] = (int32_t)found[i].last;
            value[i] = found[i].feature->idf / sqrt(squares[found[i].block]);
        }
    }
    PyObject *result = PyErr_Occurred() ? NULL : PyTuple_Pack(4, columns[0], columns[1], columns[2], columns[3]);
    for (int c = 0; c < 4; c++) Py_XDECREF(columns[c]);
    return result;
}

static size_t found_in(const Sought *sought, size_t n, int block, Found *found, size_t total) {
    for (size_t i = 0; i < n; i++) found[total++] = (Found){sought[i].feature, sought[i].first, sought[i].last, block};
    return total;
}
/* occurrences(pieces): each known feature of one window of folded pieces, place by place. */
static PyObject *kernel_occurrences(Kernel *k, PyObject *pieces) {
    if (!PyList_Check(pieces)) return PyErr_SetString(PyExc_TypeError, "occurrences() wants a list of strings"), NULL;
    Py_ssize_t n = PyList_GET_SIZE(pieces), size = 0;
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < n; i++) size += PyUnicode_GetLength(PyList_GET_ITEM(pieces, i)) + 2;
    Memory *m = PyErr_Occurred() ? NULL : borrow(k);
    if (!m) return NULL;
    size_t total = 0;
    Found *found = malloc((14 * (size_t)size + 32) * sizeof *found);
    int failed = !found || make_room(m, 2 * (size_t)size);
    Arena before = m->arena;
    m->n_words = 0;
    for (Py_ssize_t i = 0; i < n && !failed; i++) {
        PyObject *padded = PyUnicode_FromFormat(" %U ", PyList_GET_ITEM(pieces, i));
        Py_UCS4 *text = padded ? PyUnicode_AsUCS4Copy(padded) : NULL;
        Entry *e = text ? entry_new(k, m, text + 1, PyUnicode_GetLength(padded) - 2, text, 0) : NULL;
        failed = !e;
        if (e) {
            m->words[m->n_words++] = (Word){.entry = e};
            size_t own = total;
            total = found_in(m->pairs, m->n_pairs, WORD, found, total);
            total = found_in(m->patterns, m->n_patterns, CHARACTER, found, total);
            for (; own < total; own++) found[own].first = (uint32_t)i, found[own].last = (uint32_t)i + 1;
        }
        PyMem_Free(text), Py_XDECREF(padded);
    }
    if (!failed && !(failed = find_joints(k, m))) {
        size_t own = total;
        Sought edges[2 * (PATTERN_HIGH - 1)];
        size_t n_edges = seek_begins(k, m, 0, m->n_tokens, edges);
        n_edges += seek_ends(k, m, 0, m->n_tokens, edges + n_edges);
        n_edges = confirm(&k->features, edges, guess(&k->features, edges, n_edges));
        total = found_in(m->pairs, m->n_pairs, WORD, found, total);
        total = found_in(m->patterns, m->n_patterns, PATTERN, found, total);
        total = found_in(edges, n_edges, PATTERN, found, total);
        for (size_t i = own, w; i < total; i++) { /* from tokens to pieces */
            for (w = 0; m->words[w + 1].token <= found[i].first;) w++;
            size_t first = w;
            while (m->words[w + 1].token < found[i].last) w++;
            found[i].first = (uint32_t)first, found[i].last = (uint32_t)w + 1;
        }
        result = columns_of(found, (Py_ssize_t)total);
    }
    if (failed && !PyErr_Occurred()) PyErr_NoMemory();
    arena_return(&m->arena, before);
    free(found);
    give_back(k, m);
    return result;
}

static void kernel_dealloc(Kernel *k) {
    while (k->spare) {
        Memory *next = k->spare->next;
        memory_free(k->spare), k->spare = next;
    }
    free(k->features.buckets), free(k->features.at), free(k->symbols.at), free(k->identity.at), PyMem_Free(k->kinds), free(k->first);
    Py_XDECREF(k->fold_word), Py_XDECREF(k->read);
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

static Py_ssize_t count_words(const Py_UCS4 *text, Py_ssize_t length) {
    Py_ssize_t n = 1;
    for (Py_ssize_t i = 0; i < length; i++) n += text[i] == ' ' || text[i] == '\n';
    return n;
}

/* Kernel(vocabulary, counts, classes, identity, idf, scales, weights, bias, joint, known_below, fold_word, read);
 * joint: center, spread, bias and weights of the second stage, one after another. */
static PyObject *kernel_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs)) {
    PyObject *classes, *identity, *fold_word, *read;
    Py_buffer vocabulary, idf, scales, weights, bias, joint;
    double known_below;
    unsigned counts[BLOCKS];
    if (!PyArg_ParseTuple(args, "y*(III)UUy*y*y*y*y*dOO", &vocabulary, &counts[0], &counts[1], &counts[2], &classes,
                          &identity, &idf, &scales, &weights, &bias, &joint, &known_below, &fold_word, &read)) return NULL;
    Kernel *k = PyObject_New(Kernel, type);
    Py_UCS4 *lines = PyUnicode_AsUCS4Copy(classes), *kinds = PyUnicode_AsUCS4Copy(identity), name[1024];
    const unsigned char *names = vocabulary.buf;
    size_t n = (size_t)counts[0] + counts[1] + counts[2];
    key_t64 *keys = NULL;
    int failed = !k || !lines || !kinds;
    if (k) memset((char *)k + sizeof(PyObject), 0, sizeof *k - sizeof(PyObject));
    if (!failed && (idf.len != (Py_ssize_t)n * 4 || scales.len != idf.len || weights.len != (Py_ssize_t)n * HEADS || bias.len != HEADS * 8 ||
                    joint.len != (2 * HEADS + (INPUTS + 1) * COLUMNS) * 8))
        failed = 1, PyErr_SetString(PyExc_ValueError, "the arrays do not fit the counts");
    if (failed) goto done;
    Py_INCREF(fold_word), Py_INCREF(read);
    k->fold_word = fold_word, k->read = read;
    k->known_below = known_below;
    memcpy(k->bias, bias.buf, sizeof k->bias);
    const double *second = joint.buf;
    memcpy(k->center, second, sizeof k->center), second += HEADS;
    for (int h = 0; h < HEADS; h++) k->inverse[h] = 1 / *second++;
    memcpy(k->joint_bias, second, sizeof k->joint_bias), second += COLUMNS;
    failed = map_init(&k->symbols, (size_t)count_words(lines, PyUnicode_GetLength(classes)) + 8) ||
             map_init(&k->identity, (size_t)count_words(kinds, PyUnicode_GetLength(identity)) + 1) ||
             !(k->first = aligned_alloc(64, INPUTS * COLUMNS * sizeof *k->first));
    if (failed) { PyErr_NoMemory(); goto done; }
    k->rest = k->first + INPUTS * FIRST;
    for (int i = 0; i < INPUTS; i++, second += COLUMNS) {
        memcpy(k->first + i * FIRST, second, FIRST * sizeof *second);
        memcpy(k->rest + i * (COLUMNS - FIRST), second + FIRST, (COLUMNS - FIRST) * sizeof *second);
    }
    Py_ssize_t length = PyUnicode_GetLength(classes);
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
        if (j > i) map_put(&k->symbols, word, stands_for);
        line += j < length && lines[j] == '\n';
    }
    const Py_UCS4 marks[] = {'?', '!', '<', '>', '#', '0'};
    for (int i = 0; i < 2; i++) map_put(&k->symbols, hash(marks + i, 1, SEED[WORD]), hash(marks + i, 1, SEED[WORD]));
    k->begin = join(SEED[PATTERN], hash(marks + 2, 1, SEED[WORD])), k->end = hash(marks + 3, 1, SEED[WORD]);
    k->unknown = hash(marks + 4, 1, SEED[WORD]), k->number = hash(marks + 4, 2, SEED[WORD]);
    PyMem_Free(lines), lines = NULL; /* before the largest tables are made */
    length = vocabulary.len;
    size_t row = 0;
    if (!(keys = malloc((n + 1) * sizeof *keys))) { failed = 1, PyErr_NoMemory(); goto done; }
    for (Py_ssize_t i = 0, j; i < length && row < n; i = j + 1, row++) {
        for (j = i; j < length && names[j] != '\n';) j++;
        int block = row < counts[0] ? WORD : row < (size_t)counts[0] + counts[1] ? CHARACTER : PATTERN;
        if (j - i > 1024) break;
        keys[row] = key_of(block, name, read_line(names + i, j - i, name));
    }
    failed = row < n;
    if (!failed && features_init(&k->features, keys, n)) { failed = 1, PyErr_NoMemory(); goto done; }
    for (row = 0; !failed && row < n; row++) {
        Feature f = {row, {0}, ((float *)idf.buf)[row], ((float *)scales.buf)[row] * ((float *)idf.buf)[row]};
        memcpy(f.weights, (int8_t *)weights.buf + row * HEADS, sizeof f.weights);
        failed = features_put(&k->features, keys[row], f);
    }
    if (failed) { PyErr_SetString(PyExc_ValueError, "the vocabulary does not fit the counts"); goto done; }
    length = PyUnicode_GetLength(identity);
    for (Py_ssize_t i = 0, j, end; i < length; i = end + 1) { /* word by word, each with its kind behind it */
        for (j = i; j < length && kinds[j] != ' ';) j++;
        for (end = j + 1; end < length && kinds[end] != ' ';) end++;
        uint64_t size = end - j - 1 < KIND ? (uint64_t)(end - j - 1) : KIND - 1; /* one as long as that is left to text.py */
        map_put(&k->identity, hash(kinds + i, j - i, SEED[WORD]), (uint64_t)(j + 1) * KIND + size);
    }
    k->kinds = kinds, kinds = NULL;
done:
    free(keys), PyMem_Free(lines), PyMem_Free(kinds);
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
