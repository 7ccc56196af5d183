package dev.tendril.worker.content;

import java.util.Arrays;
import org.apache.lucene.analysis.CharArraySet;

/// Words that say nothing about what a question is about. Lucene's own list is made for documents
/// and lacks the words that questions are built of.
final class StopWords {
    static final CharArraySet SET =
            CharArraySet.unmodifiableSet(
                    new CharArraySet(
                            Arrays.asList(
                                    """
                                    a an and are as at be but by for if in into is it no not of on or such \
                                    that the their then there these they this to was will with \
                                    how what which who whom whose when where why do does did done doing can \
                                    could should would may might must shall i me my mine we us our you your \
                                    he she him her his its am been being were have has had having so than too \
                                    very just about from please tell want some any here also like know \
                                    explain show give let hello hi hey thanks thank i'm it's don't what's \
                                    there's isn't one ones thing things something anything\
                                    """
                                            .split("\\s+")),
                            true));

    /// Words that say little in a question, but are a page's own words too: left out of a question
    /// that has others.
    static String light() {
        return """
        up out over too only ever really exactly actually now else get gets got getting make makes made \
        put puts use uses used using want wants go goes going come comes take takes look looks say says \
        see happen happens\
        """;
    }

    private StopWords() {}
}
