/* Keys of words and n-grams, the tables that find them, and the model as the scorer holds it. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEADS 16
#define TACTICS 12
#define COLUMNS 18 /* of joint.py: tactics, acts, framing, framing of texts with a tactic */
#define FIRST HEADS /* of these, up to the framing of any text; a part of a text needs no more */
#define INPUTS (2 * HEADS + HEADS * (HEADS + 1) / 2)
enum { WORD, CHARACTER, PATTERN, BLOCKS };
/* the constants of features.py, windows.py and joint.py; scoring/compiled.py checks that they agree */
enum { LOW = 3, HIGH = 5, PATTERN_LOW = 2, PATTERN_HIGH = 4, WHOLE = 80, STRETCH = 30, FEWEST = 3 };
static const double PAIR_HANDICAP = 0.5, SENTENCE_HANDICAP = 1.0, MOST = 8;

#if defined(__GNUC__) && defined(__x86_64__) && defined(__linux__)
#define FAST __attribute__((target_clones("avx512f", "avx2", "default"))) /* chosen when the module is loaded */
#else
#define FAST
#endif
#ifdef __GNUC__
#define INLINE __attribute__((always_inline)) inline /* into what is FAST */
#define PREFETCH(address) __builtin_prefetch(address)
#define LOWEST(bits) __builtin_ctzll(bits)
#else
#define INLINE inline
#define PREFETCH(address) ((void)(address))
static inline int LOWEST(uint64_t bits) { int n = 0; while (!(bits >> n & 1)) n++; return n; }
#endif

/* ---- keys ------------------------------------------------------------------------------------------------------ */

typedef uint64_t key_t64; /* that of a word is never 0 */

static inline key_t64 mix(key_t64 h) {
    h ^= h >> 32, h *= 0xd6e8feb86659fd93u, h ^= h >> 32, h *= 0xd6e8feb86659fd93u, h ^= h >> 32;
    return h ? h : 1;
}
/* Words' keys are mixed, so a sum of products keeps n-grams apart. */
static inline key_t64 join(key_t64 left, key_t64 right) { return left * 0x9e3779b97f4a7c15u + right; }
static inline key_t64 hash_on(key_t64 h, Py_UCS4 c) { return (h ^ c) * 0x100000001b3u + (h >> 47); }
static inline key_t64 hash(const Py_UCS4 *text, Py_ssize_t length, key_t64 seed) {
    for (Py_ssize_t i = 0; i < length; i++) seed = hash_on(seed, text[i]);
    return mix(seed);
}
static const key_t64 SEED[BLOCKS] = {0xcbf29ce484222325u, 0x84222325cbf29ce4u, 0x2325cbf29ce48422u};

typedef struct { key_t64 key; uint64_t value; } Pair;
typedef struct { Pair *at; size_t mask, used; } Map; /* open addressing; key 0 is an empty place */

static int map_init(Map *map, size_t expected) {
    size_t places = 16;
    while (places < 2 * expected) places *= 2;
    map->at = calloc(places, sizeof *map->at), map->mask = places - 1, map->used = 0;
    return map->at ? 0 : -1;
}
static inline uint64_t map_get(const Map *map, key_t64 key, uint64_t missing) {
    size_t i = key & map->mask;
    while (map->at[i].key && map->at[i].key != key) i = (i + 1) & map->mask;
    return map->at[i].key ? map->at[i].value : missing;
}
static void map_put(Map *map, key_t64 key, uint64_t value) {
    size_t i = key & map->mask;
    while (map->at[i].key) i = (i + 1) & map->mask;
    map->at[i] = (Pair){key, value}, map->used++;
}

/* ---- features: in buckets of up to eight, whose tags lie in one number, so an unknown n-gram costs one look --------- */

#define SLOTS 8
#define FILLED 4 /* on average */
#define PRINT 24 /* a feature has its key's lowest 40 bits above its row; the tag takes the next 8, the bucket the highest */
typedef struct { uint64_t print_row; int8_t weights[HEADS]; float idf, factor; } Feature; /* factor: scale of the weights times idf */
typedef struct { uint64_t tags; uint32_t first, more; } Bucket; /* where its features begin; whether it had no room for all, so that a search goes on */
typedef struct { uint64_t n; Bucket *buckets; Feature *at; } Features;

static INLINE Bucket *bucket_of(const Features *f, key_t64 key) { return &f->buckets[(key >> 32) * f->n >> 32]; }
static INLINE Bucket *bucket_after(const Features *f, Bucket *b) { return b + 1 < f->buckets + f->n ? b + 1 : f->buckets; }
static INLINE uint64_t tag_of(key_t64 key) { return (uint8_t)(key >> 40) ? (uint8_t)(key >> 40) : 1; }
static INLINE int is_feature(const Feature *f, key_t64 key) { return !((f->print_row ^ key << PRINT) >> PRINT); }
static INLINE uint32_t row_of(const Feature *f) { return f->print_row & ((1 << PRINT) - 1); }
static INLINE uint64_t same_tags(uint64_t tags, uint64_t tag) { /* the highest bit of each byte that is the tag */
    uint64_t ones = 0x0101010101010101u, low = 0x7f * ones, differ = tags ^ ones * tag;
    return ~(((differ & low) + low) | differ | low);
}

static const Feature *features_find(const Features *f, key_t64 key) {
    for (Bucket *b = bucket_of(f, key);; b = bucket_after(f, b)) {
        for (uint64_t same = same_tags(b->tags, tag_of(key)); same; same &= same - 1)
            if (is_feature(&f->at[b->first + LOWEST(same) / 8], key)) return &f->at[b->first + LOWEST(same) / 8];
        if (!b->more) return NULL;
    }
}
/* Many keys are sought at once, so that the search for one need not wait for the memory of another: first the bucket of
 * each is fetched, then the feature that looks like it, and then there is nothing to wait for. */
typedef struct { key_t64 key; const Feature *feature; uint32_t first, last; } Sought; /* an n-gram, and from where to where it goes */

static INLINE Sought seek(const Features *f, key_t64 key, uint32_t first, uint32_t last) {
    PREFETCH(bucket_of(f, key));
    return (Sought){key, NULL, first, last};
}
/* Keep those that may be known: something looks like them, or their bucket had no room for all. This guesses no branch. */
static INLINE size_t guess(const Features *f, Sought *sought, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const Bucket *b = bucket_of(f, sought[i].key);
        uint64_t same = same_tags(b->tags, tag_of(sought[i].key));
        const Feature *feature = &f->at[b->first + LOWEST(same | (uint64_t)1 << 63) / 8];
        PREFETCH(same ? (const void *)feature : b);
        sought[kept] = sought[i], sought[kept].feature = feature, kept += (same | b->more) != 0;
    }
    return kept;
}
/* Keep those that are known. */
static INLINE size_t confirm(const Features *f, Sought *sought, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        Sought s = sought[i];
        if (!is_feature(s.feature, s.key)) s.feature = features_find(f, s.key);
        sought[kept] = s, kept += s.feature != NULL;
    }
    return kept;
}

/* Put a key's tag where there is room for it; return its place: eight to a bucket. */
static uint64_t features_tag(Features *f, key_t64 key) {
    Bucket *b = bucket_of(f, key);
    uint64_t slot = 0;
    while (b->tags >> 8 * (SLOTS - 1)) b->more = 1, b = bucket_after(f, b);
    while (b->tags >> 8 * slot) slot++;
    b->tags |= tag_of(key) << 8 * slot;
    return (uint64_t)(b - f->buckets) * SLOTS + slot;
}
/* Make room for the features of these keys, which are then put there in the same order. */
static int features_init(Features *f, const key_t64 *keys, size_t n) {
    uint32_t total = 0;
    f->n = n / FILLED + 2;
    f->buckets = calloc(f->n, sizeof *f->buckets), f->at = aligned_alloc(64, (n + 2) / 2 * 2 * sizeof *f->at);
    if (!f->buckets || !f->at || n >> PRINT) return -1;
    for (size_t i = 0; i < n; i++) features_tag(f, keys[i]);
    for (Bucket *b = f->buckets; b < f->buckets + f->n; b++)
        for (b->first = total; b->tags; b->tags >>= 8) total++;
    return 0;
}
static int features_put(Features *f, key_t64 key, Feature feature) { /* -1 where two names look alike */
    if (features_find(f, key)) return -1;
    uint64_t place = features_tag(f, key);
    feature.print_row |= key << PRINT;
    f->at[f->buckets[place / SLOTS].first + place % SLOTS] = feature;
    return 0;
}

/* ---- vectors of a number for each head ----------------------------------------------------------------------------- */

#ifdef __GNUC__
typedef double Eight __attribute__((vector_size(8 * sizeof(double))));
#define ADD(eight, factor, others) ((eight) += (factor) * (others))
#define ADD_FLOATS(eight, f) ((eight) += (Eight){(f)[0], (f)[1], (f)[2], (f)[3], (f)[4], (f)[5], (f)[6], (f)[7]}) /* one conversion */
#define AT(eight, i) ((eight)[i])
typedef uint64_t Longs __attribute__((vector_size(8 * sizeof(uint64_t))));
static INLINE void widen(const int8_t *bytes, Eight *wide) { /* compilers convert one by one: here a byte is the lowest bits of 2^52 + 128 + it */
    const Longs none = {0}, shift = {0, 8, 16, 24, 32, 40, 48, 56};
    uint64_t all = 0;
    for (int i = 0; i < 8; i++) all |= (uint64_t)(uint8_t)bytes[i] << 8 * i; /* one load */
    Longs bits = ((all ^ 0x8080808080808080u) + none >> shift & 0xff) | 0x4330000000000000u;
    memcpy(wide, &bits, sizeof bits);
    *wide -= 0x1.000000000008p52;
}
#else
typedef struct { double at[8]; } Eight;
#define ADD(eight, factor, others) for (int i_ = 0; i_ < 8; i_++) (eight).at[i_] += (factor) * (others).at[i_]
#define ADD_FLOATS(eight, floats) for (int i_ = 0; i_ < 8; i_++) (eight).at[i_] += (floats)[i_]
#define AT(eight, i) ((eight).at[i])
static void widen(const int8_t *bytes, Eight *wide) { for (int i = 0; i < 8; i++) wide->at[i] = bytes[i]; }
#endif
enum { HALVES = HEADS / 8 };

#define KIND 256

/* ---- the model -------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    Features features;
    Map symbols, identity; /* a token's key to its class symbol's; that of a word read as its kind to where the kind stands in */
    Py_UCS4 *kinds;        /* `kinds`, times KIND, and its length */
    double bias[HEADS], known_below;
    double center[HEADS], inverse[HEADS], joint_bias[COLUMNS]; /* the second stage; inverse: of the spread */
    double *first, *rest;                                     /* its weights: input by input, for the first columns, for the rest */
    key_t64 begin, end, unknown, number; /* begin: the key so far of a pattern that begins with "<" */
    PyObject *fold_word, *read;   /* text.py's functions */
    struct Memory *spare;         /* memories that no thread is using */
} Kernel;

/* ---- sums of features: every occurrence adds its weights times idf, and idf squared to the length ------------------ */

typedef struct { Eight heads[HALVES]; double squares; } Sum;

static INLINE void add_feature(Sum *sum, const Feature *f, double sign) {
    double factor = sign * f->factor, idf = f->idf;
    for (int half = 0; half < HALVES; half++) {
        Eight wide;
        widen(f->weights + 8 * half, &wide);
        ADD(sum->heads[half], factor, wide);
    }
    sum->squares += sign * idf * idf;
}
static INLINE void add_sum(Sum *sum, const Sum *other, double sign) {
    for (int half = 0; half < HALVES; half++) ADD(sum->heads[half], sign, other->heads[half]);
    sum->squares += sign * other->squares;
}
static INLINE void copy_sum(Sum *sum, const Sum *other) { /* in the pieces in which it was written: that is faster */
    for (int half = 0; half < HALVES; half++) sum->heads[half] = other->heads[half];
    sum->squares = other->squares;
}
static INLINE double head_of(const Sum *sum, int h) { return AT(sum->heads[h / 8], h % 8); }
