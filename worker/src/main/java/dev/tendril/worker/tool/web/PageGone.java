package dev.tendril.worker.tool.web;

import dev.tendril.worker.tool.ToolException;

/// The page does not exist (any more): 404 or 410.
public final class PageGone extends ToolException {
    private static final long serialVersionUID = 1L;

    PageGone() {
        super("There is no such page (any more).");
    }
}
