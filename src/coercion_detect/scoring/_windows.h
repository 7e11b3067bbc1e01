/* From words to windows, as in windows.py, and from windows to log-odds.
 *
 * Every occurrence of a feature adds the same wherever it stands, so sums up to each word are made once a text, and a
 * window is the difference of two of them, less the pair and the patterns that reach beyond its end, and with those that
 * begin or end with it. */

static int add_window(Memory *m, uint32_t first, uint32_t last, double handicap) {
    if (m->n_windows == m->windows_room) {
        uint32_t room = 2 * m->windows_room + 16;
        Window *windows = realloc(m->windows, room * sizeof *windows);
        if (!windows) return -1;
        m->windows = windows, m->windows_room = room;
    }
    m->windows[m->n_windows++] = (Window){first, last, handicap};
    m->words[first].bounds = m->words[last].bounds = 1;
    return 0;
}
static int cut(Memory *m) {
    m->words[m->n_words].bounds = 1;
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

/* ---- pairs and patterns ---------------------------------------------------------------------------------------------- */

/* Find the pairs and patterns of neighbouring tokens, and which of them are the first at each bound. */
static INLINE int find_joints(const Kernel *k, Memory *m) {
    const Features *f = &k->features;
    size_t n = 1, n_pairs = 0, n_patterns = 0;
    for (uint32_t i = 0; i < m->n_words; i++) n += m->words[i].entry->n_tokens;
    if (make_token_room(m, n)) return -1;
    m->n_tokens = 0;
    for (uint32_t i = 0; i < m->n_words; i++) {
        const Entry *e = m->words[i].entry;
        m->words[i].token = m->n_tokens;
        for (uint32_t t = 0; t < e->n_tokens; t++) m->tokens[m->n_tokens++] = e->tokens[t];
    }
    m->words[m->n_words].token = m->n_tokens;
    for (uint32_t t = 0; t + 1 < m->n_tokens; t++) {
        key_t64 key = join(SEED[PATTERN], m->tokens[t].symbol);
        m->pairs[n_pairs++] = seek(f, join(m->tokens[t].key, m->tokens[t + 1].key), t, t + 2);
        for (uint32_t last = t + 1; last < m->n_tokens && last < t + PATTERN_HIGH; last++)
            m->patterns[n_patterns++] = seek(f, key = join(key, m->tokens[last].symbol), t, last + 1);
    }
    n_pairs = guess(f, m->pairs, n_pairs), n_patterns = guess(f, m->patterns, n_patterns);
    m->n_pairs = n_pairs = confirm(f, m->pairs, n_pairs), m->n_patterns = n_patterns = confirm(f, m->patterns, n_patterns);
    for (uint32_t i = 0, pair = 0, pattern = 0; i <= m->n_words; i++) {
        Word *w = &m->words[i];
        if (!w->bounds) continue;
        while (pair < n_pairs && m->pairs[pair].first < w->token) pair++;
        while (pattern < n_patterns && m->patterns[pattern].first < w->token) pattern++;
        w->pair = pair, w->pattern = pattern;
    }
    return 0;
}

/* Seek the patterns that begin, or that end, with a window of the tokens a to b; return how many. One that has both ends
 * is a beginning. */
static INLINE size_t seek_begins(const Kernel *k, const Memory *m, uint32_t a, uint32_t b, Sought *sought) {
    size_t n = 0;
    key_t64 key = k->begin;
    for (uint32_t t = a; a < b && t <= b && n < PATTERN_HIGH - 1; t++) {
        key = join(key, t < b ? m->tokens[t].symbol : k->end);
        sought[n++] = seek(&k->features, key, a, t < b ? t + 1 : b);
    }
    return n;
}
static INLINE size_t seek_ends(const Kernel *k, const Memory *m, uint32_t a, uint32_t b, Sought *sought) {
    size_t n = 0;
    for (uint32_t first = b; first > a && n < PATTERN_HIGH - 1;) {
        key_t64 key = SEED[PATTERN];
        first--;
        for (uint32_t t = first; t < b; t++) key = join(key, m->tokens[t].symbol);
        sought[n++] = seek(&k->features, join(key, k->end), first, b);
    }
    return n;
}

/* ---- sums ------------------------------------------------------------------------------------------------------------ */

static INLINE void add_sought(const Kernel *k, Sum *sum, Sought *sought, size_t n) {
    n = confirm(&k->features, sought, n);
    for (size_t i = 0; i < n; i++) add_feature(sum, sought[i].feature, 1);
}
/* Take off what begins before a token and ends behind it; `until` is the first that begins there or later. */
static INLINE void take_beyond(Sum *sum, const Sought *found, uint32_t until, uint32_t token) {
    for (; until && found[until - 1].first + PATTERN_HIGH > token; until--)
        if (found[until - 1].last > token) add_feature(sum, found[until - 1].feature, -1);
}

/* Add the words first to last, which are bounds, with the pairs and patterns that begin in them and end by token `end`. */
static INLINE void add_words(const Memory *m, uint32_t first, uint32_t last, uint32_t end, Sum *sums) {
    const Word *a = &m->words[first], *b = &m->words[last];
    for (uint32_t i = first; i < last; i++) add_entry(sums, m->words[i].entry);
    for (uint32_t i = a->pair; i < b->pair; i++)
        if (m->pairs[i].last <= end) add_feature(&sums[WORD], m->pairs[i].feature, 1);
    for (uint32_t i = a->pattern; i < b->pattern; i++)
        if (m->patterns[i].last <= end) add_feature(&sums[PATTERN], m->patterns[i].feature, 1);
}

/* Make the sums up to each bound from `from` on, as far as there are places. */
static INLINE void sum_up(const Kernel *k, Memory *m, uint32_t from) {
    Sum sums[BLOCKS];
    memset(sums, 0, sizeof sums);
    m->from_word = from, m->to_word = m->n_words - from < PLACES ? m->n_words : from + PLACES - 1;
    while (!m->words[m->to_word].bounds) m->to_word--;
    for (uint32_t i = from, next;; i = next) {
        Place *place = &m->places[i - from];
        for (int block = 0; block < BLOCKS; block++) copy_sum(&place->before[block], &sums[block]);
        place->has_begins = place->has_ends = 0;
        uint32_t token = m->words[i].token; /* of windows of three tokens or more */
        place->n_edges[0] = token + PATTERN_HIGH - 1 > m->n_tokens ? 0 : seek_begins(k, m, token, m->n_tokens, place->edges[0]);
        place->n_edges[1] = token + 1 < PATTERN_HIGH ? 0 : seek_ends(k, m, 0, token, place->edges[1]);
        if (i == m->to_word) break;
        for (next = i + 1; !m->words[next].bounds;) next++;
        add_words(m, i, next, m->n_tokens, sums);
    }
    for (uint32_t i = from; i <= m->to_word; i++)
        for (int side = 0; side < 2 && m->words[i].bounds; side++) {
            Place *place = &m->places[i - from];
            place->n_edges[side] = guess(&k->features, place->edges[side], place->n_edges[side]);
        }
}

/* Sum up a window of three tokens or more. */
static INLINE void sum_window(const Kernel *k, Memory *m, const Window *w, Sum *sums) {
    if (w->first < m->from_word || w->last > m->to_word) sum_up(k, m, w->first);
    Place *begin = &m->places[w->first - m->from_word], *end = &m->places[w->last - m->from_word];
    uint32_t b = m->words[w->last].token;
    if (!begin->has_begins) {
        memset(&begin->begins, 0, sizeof begin->begins), begin->has_begins = 1;
        add_sought(k, &begin->begins, begin->edges[0], begin->n_edges[0]);
    }
    if (!end->has_ends) {
        memset(&end->ends, 0, sizeof end->ends), memset(&end->pair, 0, sizeof end->pair), end->has_ends = 1;
        add_sought(k, &end->ends, end->edges[1], end->n_edges[1]);
        take_beyond(&end->pair, m->pairs, m->words[w->last].pair, b);
        take_beyond(&end->ends, m->patterns, m->words[w->last].pattern, b);
    }
    for (int block = 0; block < BLOCKS; block++) copy_sum(&sums[block], &end->before[block]), add_sum(&sums[block], &begin->before[block], -1);
    add_sum(&sums[WORD], &end->pair, 1), add_sum(&sums[PATTERN], &begin->begins, 1), add_sum(&sums[PATTERN], &end->ends, 1);
}
static INLINE void sum_short_window(const Kernel *k, Memory *m, const Window *w, Sum *sums) {
    uint32_t a = m->words[w->first].token, b = m->words[w->last].token;
    Sought edges[2 * (PATTERN_HIGH - 1)];
    memset(sums, 0, BLOCKS * sizeof *sums);
    add_words(m, w->first, w->last, b, sums);
    size_t n = seek_begins(k, m, a, b, edges);
    n += seek_ends(k, m, a, b, edges + n);
    add_sought(k, &sums[PATTERN], edges, guess(&k->features, edges, n));
}

/* ---- log-odds ---------------------------------------------------------------------------------------------------------- */

/* 1 / (1 + exp(-x)) of numbers within MOST, to 1e-12: a series for x / 64, squared six times; plain loops are made wide. */
static INLINE void sigmoids(const double *x, double *out) {
    for (int h = 0; h < HEADS; h++) {
        double r = -x[h] / 64, e = 1.0 / 362880;
        e = e * r + 1.0 / 40320, e = e * r + 1.0 / 5040, e = e * r + 1.0 / 720, e = e * r + 1.0 / 120, e = e * r + 1.0 / 24;
        e = e * r + 1.0 / 6, e = e * r + 1.0 / 2, e = e * r + 1, e = e * r + 1;
        e *= e, e *= e, e *= e, e *= e, e *= e, e *= e;
        out[h] = 1 / (1 + e);
    }
}

/* What the inputs of the second stage weigh in some columns: in four sums apart, so that no addition waits for the one before. */
static INLINE void weigh(const double *restrict x, const double *restrict weights, const double *restrict bias, int columns, double *restrict out) {
    for (int c = 0; c < columns; c++) {
        double a = 0, b = 0, d = 0, e = 0;
        for (int i = 0; i < INPUTS; i += 4) {
            const double *w = weights + i * columns + c;
            a += x[i] * w[0], b += x[i + 1] * w[columns], d += x[i + 2] * w[2 * columns], e += x[i + 3] * w[3 * columns];
        }
        out[c] = bias[c] + ((a + b) + (d + e));
    }
}

/* The heads' log-odds of a window, and from them those of scores, as in joint.py; a part of a text has the first alone. */
static INLINE void score_window(const Kernel *k, Memory *m, const Window *w, double *log_odds) {
    double within[HEADS], factors[2 * HEADS] = {0};
    _Alignas(64) double x[INPUTS];
    Sum sums[BLOCKS];
    if (m->words[w->last].token - m->words[w->first].token < PATTERN_HIGH - 1) sum_short_window(k, m, w, sums);
    else sum_window(k, m, w, sums);
    double scale[BLOCKS]; /* idf is 1 or more: less than half of its square is what is left of none */
    for (int i = 0; i < BLOCKS; i++) scale[i] = sums[i].squares > 0.5 ? 1 / sqrt(sums[i].squares) : 0;
    for (int h = 0; h < HEADS; h++) {
        double head = k->bias[h] + scale[WORD] * head_of(&sums[WORD], h) + scale[CHARACTER] * head_of(&sums[CHARACTER], h) + scale[PATTERN] * head_of(&sums[PATTERN], h);
        within[h] = head > MOST ? MOST : head < -MOST ? -MOST : head;
        x[h] = factors[h] = (within[h] - k->center[h]) * k->inverse[h];
    }
    double *product = x + HEADS;
    for (int i = 0; i < HEADS; product += HEADS - i++) /* each row is as long as the first: the next lies over what is too much */
        for (int half = 0; half < HALVES; half++) {
            Eight others, row = {0};
            memcpy(&others, factors + i + 8 * half, sizeof others);
            ADD(row, factors[i], others);
            memcpy(product + 8 * half, &row, sizeof row);
        }
    sigmoids(within, product);
    weigh(x, k->first, k->joint_bias, FIRST, log_odds);
    if (!w->handicap) weigh(x, k->rest, k->joint_bias + FIRST, COLUMNS - FIRST, log_odds + FIRST);
}

typedef struct { double *log_odds; int32_t *spans, *known, *words; } Readings; /* one text's rows of the results */

FAST static int score_text(const Kernel *k, Memory *m, Readings out) {
    double best_whole = -INFINITY, log_odds[COLUMNS];
    if (cut(m) || find_joints(k, m)) return -1;
    m->from_word = 1, m->to_word = 0; /* no sums yet */
    memset(out.spans, 0, 2 * TACTICS * sizeof *out.spans);
    for (int c = 0; c < COLUMNS; c++) out.log_odds[c] = -INFINITY;
    for (uint32_t i = 0; i < m->n_windows; i++) {
        const Window *w = &m->windows[i];
        double strongest = -INFINITY;
        score_window(k, m, w, log_odds);
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
    for (uint32_t i = 0; i < m->n_words; i++) *out.known += m->words[i].entry->n_known, *out.words += m->words[i].entry->n_words;
    return 0;
}
