package dev.tendril.worker;

import dev.tendril.worker.content.ContentLibrary;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.command.RunCommandTool;
import dev.tendril.worker.tool.files.FileTools;
import dev.tendril.worker.tool.files.RepoTools;
import dev.tendril.worker.tool.memory.OperatorMemory;
import dev.tendril.worker.tool.visitor.ChatLog;
import dev.tendril.worker.tool.visitor.ContentTools;
import dev.tendril.worker.tool.visitor.Pages;
import dev.tendril.worker.tool.visitor.Requests;
import dev.tendril.worker.tool.visitor.VisitorMemory;
import dev.tendril.worker.tool.web.FetchLivePage;
import dev.tendril.worker.tool.web.SearchWeb;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All tools of this worker; which of them a role sees is the policy's business.
///
/// @param dataDir the worker's own files
/// @param content folder of pages
/// @param search a SearXNG, or null
record Toolset(Path dataDir, Path content, @Nullable URI search) {
    /// The policy's name in the data directory.
    static final String POLICY = "policy.yml";

    /// Makes them.
    ///
    /// @throws IOException when a folder of the data directory cannot be read
    List<Tool> of(Policy policy) throws IOException {
        List<Tool> tools = new ArrayList<>();
        tools.addAll(ContentTools.all(new SitePages(new ContentLibrary(content))));
        tools.addAll(RepoTools.all(dataDir.resolve("repos")));
        tools.add(new ChatLog());
        tools.add(new Requests(dataDir.resolve("requests.jsonl"), InstantSource.system()));
        tools.addAll(new VisitorMemory(dataDir.resolve("memory")).tools());
        tools.add(new FetchLivePage(policy));
        URI endpoint = search;
        if (endpoint != null) {
            tools.add(new SearchWeb(endpoint, HttpClient.newHttpClient()));
        }
        tools.addAll(new OperatorMemory(dataDir.resolve("notes"), InstantSource.system()).tools());
        tools.addAll(FileTools.all(policy));
        tools.add(RunCommandTool.of(policy));
        return tools;
    }

    /// The content as its tools see it.
    private record SitePages(ContentLibrary library) implements Pages {
        @Override
        public List<Passage> search(String question, String below, int most) {
            return library.search(question, below, most).stream().map(SitePages::passage).toList();
        }

        @Override
        public List<Passage> page(String name) {
            return library.page(name).stream().map(SitePages::passage).toList();
        }

        private static Passage passage(ContentLibrary.Found found) {
            return new Passage(found.page(), found.title(), found.address(), found.text());
        }
    }
}
