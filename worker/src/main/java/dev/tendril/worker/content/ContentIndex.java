package dev.tendril.worker.content;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// Finds passages in a folder of markdown files.
///
/// The index lives in memory. When a file was added, changed or removed, which is looked for at
/// most once a second when somebody asks, a new one is built in the background and then swapped in.
/// At most 5,000 files of up to 1 MiB count. A page that cannot be read is left out and logged.
final class ContentIndex {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(ContentIndex.class);

    /// Held so that the level is not forgotten with the logger: Lucene suggests a module that
    /// brings nothing at this size.
    private static final Logger VECTORIZATION =
            Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");

    private static final int MAX_FILES = 5_000;
    private static final long MAX_BYTES = 1024 * 1024;
    private static final long FIRST_WAIT_MS = 30_000;
    private static final long NEXT_WAIT_MS = 300;
    private static final int MAX_WORDS = 32;

    /// So many times more are looked at, since what is in the question's language comes first.
    private static final int OVER = 3;

    /// What a passage in another language than the question's counts.
    private static final double FOREIGN = 0.6;

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    static {
        VECTORIZATION.setLevel(Level.OFF);
    }

    private final Path folder;
    private final Map<Language, Analyzer> analyzers = Language.analyzers();
    private final Map<Language, Synonyms> synonyms = new EnumMap<>(Language.class);
    private final Set<String> light;
    private volatile Built built = Built.EMPTY;
    private @Nullable CompletableFuture<Void> building;
    private long lookedNanos;
    private boolean looked;

    /// @param folder need not exist yet
    ContentIndex(Path folder) {
        this.folder = folder;
        for (Language language : Language.values()) {
            synonyms.put(language, Synonyms.of(language, text -> words(text, language)));
        }
        light = words(StopWords.light(), Language.ENGLISH);
    }

    /// @param stamps what the files looked like when they were read
    /// @param languages of the passages
    /// @param searcher null when there is nothing to search
    private record Built(
            Map<String, String> stamps,
            List<Passage> passages,
            List<Language> languages,
            List<String> titles,
            @Nullable IndexSearcher searcher) {
        static final Built EMPTY = new Built(Map.of(), List.of(), List.of(), List.of(), null);
    }

    /// A passage that fits a question.
    ///
    /// @param score BM25; comparable within one search
    /// @param coverage the share of the question's words that it has, rare words counting more; 0
    ///   to 1
    record Hit(Passage passage, double score, double coverage) {}

    /// The titles of all pages, in the order of their files.
    List<String> titles() {
        return current().titles();
    }

    /// All passages, page by page in the order of their files.
    List<Passage> passages() {
        return current().passages();
    }

    /// The words of a text as the index sees them, without stop words.
    Set<String> words(String text) {
        return words(text, Language.of(text));
    }

    private Set<String> words(String text, Language language) {
        Set<String> words = new LinkedHashSet<>();
        Analyzer analyzer = Objects.requireNonNull(analyzers.get(language));
        try (TokenStream tokens = analyzer.tokenStream("text", text)) {
            CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
            tokens.reset();
            while (tokens.incrementToken()) {
                words.add(term.toString());
            }
            tokens.end();
        } catch (IOException e) {
            throw new UncheckedIOException("reading a string", e);
        }
        return words;
    }

    /// The passages that fit best, at most `most`, best first.
    List<Hit> search(String question, int most) {
        Built now = current();
        IndexSearcher searcher = now.searcher();
        Language language = Language.of(question);
        Synonyms others = Objects.requireNonNull(synonyms.get(language));
        List<Synonyms.Phrase> phrases = others.phrases(question, text -> words(text, language));
        Set<String> words = new LinkedHashSet<>(words(question, language));
        phrases.forEach(phrase -> words.removeAll(phrase.stems()));
        if (!light.containsAll(words) || !phrases.isEmpty()) {
            words.removeAll(light);
        }
        if (searcher == null || words.isEmpty() && phrases.isEmpty()) {
            return List.of();
        }
        try {
            var matching = new Matching(searcher, language);
            Map<String, Query> queries = new TreeMap<>();
            for (String word : words.stream().limit(MAX_WORDS).toList()) {
                queries.put(word, matching.word(word, others.of(word)));
            }
            var any = new BooleanQuery.Builder();
            queries.values().forEach(query -> any.add(query, Occur.SHOULD));
            for (Synonyms.Phrase phrase : phrases) {
                any.add(matching.anyOf(phrase.others()), Occur.SHOULD);
            }
            List<Hit> hits = new ArrayList<>();
            for (ScoreDoc doc : searcher.search(any.build(), OVER * most).scoreDocs) {
                Number place =
                        searcher.storedFields().document(doc.doc).getField("place").numericValue();
                Passage passage = now.passages().get(place.intValue());
                boolean foreign = now.languages().get(place.intValue()) != language;
                double score = foreign ? FOREIGN * doc.score : doc.score;
                hits.add(new Hit(passage, score, matching.coverage(queries, doc.doc)));
            }
            hits.sort(Comparator.comparingDouble(Hit::score).reversed());
            return hits.subList(0, Math.min(most, hits.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("searching in memory", e);
        }
    }

    /// The index as it is. A new one is built beside it and takes its place when it is whole; only
    /// who comes first of all has to wait for it, others a moment at most.
    private Built current() {
        CompletableFuture<Void> building = look();
        if (building != null) {
            try {
                building.get(
                        built == Built.EMPTY ? FIRST_WAIT_MS : NEXT_WAIT_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.debug("The pages are still being read");
            } catch (ExecutionException e) {
                LOG.warn("The pages could not be indexed", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return built;
    }

    /// What is being built, or null when nothing has to be.
    private synchronized @Nullable CompletableFuture<Void> look() {
        CompletableFuture<Void> running = building;
        if (running != null && !running.isDone()) {
            return running;
        }
        if (looked && System.nanoTime() - lookedNanos <= LOOK_NANOS) {
            return null;
        }
        looked = true;
        lookedNanos = System.nanoTime();
        Map<String, String> stamps = stamps();
        if (stamps.equals(built.stamps())) {
            return null;
        }
        CompletableFuture<Void> fresh = new CompletableFuture<>();
        building = fresh;
        Thread.ofVirtual()
                .name("content-index")
                .start(() -> {
                    try {
                        built = build(stamps);
                        fresh.complete(null);
                    } catch (RuntimeException e) {
                        fresh.completeExceptionally(e);
                    }
                });
        return fresh;
    }

    private Map<String, String> stamps() {
        Map<String, String> stamps = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return stamps;
        }
        try (Stream<Path> files = Files.walk(folder, 8)) {
            files.filter(file -> file.getFileName().toString().endsWith(".md"))
                    .sorted(Comparator.naturalOrder())
                    .limit(MAX_FILES)
                    .forEach(file -> stamp(file, stamps));
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("The content folder {} cannot be listed: {}", folder, e.toString());
        }
        return stamps;
    }

    private void stamp(Path file, Map<String, String> stamps) {
        try {
            var is = Files.readAttributes(file, BasicFileAttributes.class);
            if (is.isRegularFile() && is.size() <= MAX_BYTES) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                stamps.put(name, is.lastModifiedTime() + " " + is.size());
            }
        } catch (IOException e) {
            LOG.warn("The page {} is left out: {}", file, e.toString());
        }
    }

    private Built build(Map<String, String> stamps) {
        List<Passage> passages = new ArrayList<>();
        List<String> titles = new ArrayList<>();
        for (String name : stamps.keySet()) {
            try (InputStream in = Files.newInputStream(folder.resolve(name))) {
                byte[] bytes = in.readNBytes((int) MAX_BYTES);
                Page page = Page.parse(name, new String(bytes, StandardCharsets.UTF_8));
                passages.addAll(page.passages());
                if (!page.passages().isEmpty()) {
                    titles.add(page.title());
                }
            } catch (IOException | RuntimeException e) {
                LOG.warn("The page {} is left out: {}", name, e.toString());
            }
        }
        try {
            IndexSearcher searcher = passages.isEmpty() ? null : index(passages);
            LOG.info(
                    "Read {} pages with {} passages from {}",
                    titles.size(),
                    passages.size(),
                    folder);
            return new Built(
                    stamps,
                    List.copyOf(passages),
                    passages.stream().map(passage -> Language.of(passage.text())).toList(),
                    List.copyOf(titles),
                    searcher);
        } catch (IOException e) {
            throw new UncheckedIOException("indexing in memory", e);
        }
    }

    private IndexSearcher index(List<Passage> passages) throws IOException {
        var directory = new ByteBuffersDirectory();
        try (var writer =
                new IndexWriter(directory, new IndexWriterConfig(Language.byField(analyzers)))) {
            int place = 0;
            for (Passage passage : passages) {
                var document = new Document();
                String heading = passage.heading().isEmpty() ? passage.page() : passage.heading();
                for (Language language : Language.values()) {
                    add(document, language.field("page"), passage.page());
                    add(document, language.field("heading"), heading);
                    add(document, language.field("keywords"), passage.keywords());
                    add(document, language.field("name"), name(passage.file()));
                    add(document, language.field("text"), passage.text());
                }
                document.add(new StoredField("place", place++));
                writer.addDocument(document);
            }
        }
        return new IndexSearcher(DirectoryReader.open(directory));
    }

    /// `docs/forgotten-password.md` says what it is about.
    private static String name(String file) {
        return file.replaceFirst("\\.md$", "").replaceAll("[^\\p{L}\\p{N}]+", " ");
    }

    private static void add(Document document, String field, String text) {
        document.add(new TextField(field, text, Field.Store.NO));
    }
}
