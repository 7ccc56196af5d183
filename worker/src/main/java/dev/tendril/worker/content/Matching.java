package dev.tendril.worker.content;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.CombinedFieldQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;

/// How the words of a question are looked for in one language.
record Matching(IndexSearcher searcher, Language language) {
    private static final Map<String, Float> FIELDS =
            Map.of("page", 3f, "heading", 3f, "keywords", 3f, "name", 3f, "text", 1f);

    /// The word or, for less, what else it is called. A word that the pages do not have is taken
    /// for a misspelled one.
    Query word(String word, Set<String> others) throws IOException {
        List<Query> all = new ArrayList<>();
        boolean known = documents(word) > 0;
        boolean misspelt = !known && word.length() >= 4 && others.isEmpty();
        all.add(misspelt ? similar(word) : exactly(word));
        if (!others.isEmpty()) {
            all.add(anyOf(others));
        }
        return new DisjunctionMaxQuery(all, 0);
    }

    /// Any of the words, for less than the visitor's own.
    Query anyOf(Set<String> words) throws IOException {
        List<Query> all = new ArrayList<>();
        for (String word : words) {
            if (documents(word) > 0) {
                all.add(new BoostQuery(exactly(word), Synonyms.WEIGHT));
            }
        }
        return new DisjunctionMaxQuery(all, 0);
    }

    /// BM25F: the fields count as one text in which headings are written several times. A score for
    /// each field, added up, would let a common word that is rare in headings win.
    private Query exactly(String word) {
        var query = new CombinedFieldQuery.Builder(word);
        FIELDS.forEach((field, weight) -> query.addField(language.field(field), weight));
        return query.build();
    }

    private Query similar(String word) {
        var any = new BooleanQuery.Builder();
        for (Map.Entry<String, Float> field : FIELDS.entrySet()) {
            Term term = new Term(language.field(field.getKey()), word);
            any.add(new BoostQuery(new FuzzyQuery(term, 1, 1), field.getValue()), Occur.SHOULD);
        }
        return any.build();
    }

    private int documents(String word) throws IOException {
        int most = 0;
        for (String field : FIELDS.keySet()) {
            most =
                    Math.max(
                            most,
                            searcher.getIndexReader()
                                    .docFreq(new Term(language.field(field), word)));
        }
        return most;
    }

    /// The share of the words that a passage has, rare ones counting more.
    double coverage(Map<String, Query> queries, int doc) throws IOException {
        double all = 0;
        double found = 0;
        int documents = searcher.getIndexReader().numDocs();
        for (Map.Entry<String, Query> query : queries.entrySet()) {
            int having = documents(query.getKey());
            double weight = Math.log(1 + (documents - having + 0.5) / (having + 0.5));
            all += weight;
            if (searcher.explain(query.getValue(), doc).isMatch()) {
                found += weight;
            }
        }
        return all == 0 ? 1 : found / all; // nothing but known phrases
    }
}
