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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// Finds passages in a folder of markdown files.
///
/// The index lives in memory and is built anew when a file was added, changed or removed; that is
/// looked for at most once a second, when somebody asks. At most 5,000 files of up to 1 MiB count.
/// A page that cannot be read is left out and logged.
final class ContentIndex {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(ContentIndex.class);

    /// Held so that the level is not forgotten with the logger: Lucene suggests a module that
    /// brings nothing at this size.
    private static final Logger VECTORIZATION =
            Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider");

    private static final int MAX_FILES = 5_000;
    private static final long MAX_BYTES = 1024 * 1024;
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Map<String, Float> FIELDS =
            Map.of("page", 2f, "heading", 3f, "keywords", 2f, "text", 1f);

    static {
        VECTORIZATION.setLevel(Level.OFF);
    }

    private final Path folder;
    private final Analyzer analyzer = new EnglishAnalyzer(StopWords.SET);
    private Built built = Built.EMPTY;
    private long lookedNanos;
    private boolean looked;

    /// @param folder need not exist yet
    ContentIndex(Path folder) {
        this.folder = folder;
    }

    /// @param stamps what the files looked like when they were read
    /// @param searcher null when there is nothing to search
    private record Built(
            Map<String, String> stamps,
            List<Passage> passages,
            List<String> titles,
            @Nullable IndexSearcher searcher) {
        static final Built EMPTY = new Built(Map.of(), List.of(), List.of(), null);
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
        Set<String> words = new LinkedHashSet<>();
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
        List<String> words = words(question).stream().limit(32).toList();
        if (searcher == null || words.isEmpty()) {
            return List.of();
        }
        try {
            Map<String, Query> queries = new TreeMap<>();
            for (String word : words) {
                queries.put(word, query(searcher, word));
            }
            var any = new BooleanQuery.Builder();
            queries.values().forEach(query -> any.add(query, Occur.SHOULD));
            List<Hit> hits = new ArrayList<>();
            for (ScoreDoc doc : searcher.search(any.build(), most).scoreDocs) {
                Number place =
                        searcher.storedFields().document(doc.doc).getField("place").numericValue();
                Passage passage = now.passages().get(place.intValue());
                hits.add(new Hit(passage, doc.score, coverage(searcher, queries, doc.doc)));
            }
            return hits;
        } catch (IOException e) {
            throw new UncheckedIOException("searching in memory", e);
        }
    }

    /// A word that the pages do not have is taken for a misspelled one.
    private static Query query(IndexSearcher searcher, String word) throws IOException {
        boolean known = documents(searcher, word) > 0;
        var any = new BooleanQuery.Builder();
        for (Map.Entry<String, Float> field : FIELDS.entrySet()) {
            Term term = new Term(field.getKey(), word);
            Query query = new TermQuery(term);
            if (!known && word.length() >= 4) {
                query = new FuzzyQuery(term, 1, 1);
            }
            any.add(new BoostQuery(query, field.getValue()), Occur.SHOULD);
        }
        return any.build();
    }

    private static int documents(IndexSearcher searcher, String word) throws IOException {
        int most = 0;
        for (String field : FIELDS.keySet()) {
            most = Math.max(most, searcher.getIndexReader().docFreq(new Term(field, word)));
        }
        return most;
    }

    private static double coverage(IndexSearcher searcher, Map<String, Query> queries, int doc)
            throws IOException {
        double all = 0;
        double found = 0;
        int documents = searcher.getIndexReader().numDocs();
        for (Map.Entry<String, Query> query : queries.entrySet()) {
            int having = documents(searcher, query.getKey());
            double weight = Math.log(1 + (documents - having + 0.5) / (having + 0.5));
            all += weight;
            if (searcher.explain(query.getValue(), doc).isMatch()) {
                found += weight;
            }
        }
        return all == 0 ? 0 : found / all;
    }

    private synchronized Built current() {
        if (!looked || System.nanoTime() - lookedNanos > LOOK_NANOS) {
            looked = true;
            lookedNanos = System.nanoTime();
            Map<String, String> stamps = stamps();
            if (!stamps.equals(built.stamps())) {
                built = build(stamps);
            }
        }
        return built;
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
            return new Built(stamps, List.copyOf(passages), List.copyOf(titles), searcher);
        } catch (IOException e) {
            throw new UncheckedIOException("indexing in memory", e);
        }
    }

    private IndexSearcher index(List<Passage> passages) throws IOException {
        var directory = new ByteBuffersDirectory();
        try (var writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
            int place = 0;
            for (Passage passage : passages) {
                var document = new Document();
                document.add(new TextField("page", passage.page(), Field.Store.NO));
                String heading = passage.heading().isEmpty() ? passage.page() : passage.heading();
                document.add(new TextField("heading", heading, Field.Store.NO));
                document.add(new TextField("keywords", passage.keywords(), Field.Store.NO));
                document.add(new TextField("text", passage.text(), Field.Store.NO));
                document.add(new StoredField("place", place++));
                writer.addDocument(document);
            }
        }
        return new IndexSearcher(DirectoryReader.open(directory));
    }
}
